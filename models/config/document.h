// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "models/config/node.h"
#include "models/config/type_info.h"

/// The strict reader, behind the templates of config.h.
namespace lutsim::config {

/// A value of one type that is being read: a file first, then overrides on top of it. Errors pile
/// up and are thrown together.
class Document {
 public:
  /// Starts from the initialisers of the struct. `type` must outlive the document.
  Document(const TypeInfo& type, Value initial);

  /// Reads every key of the source.
  void read(const Source& source);

  /// Sets one value: "matrix.mu=4". `label` stands for the file name in messages. Items of a list
  /// are addressed by number from 0: "layers.0.weight_bits=3".
  void set(const std::string& assignment, const std::string& label);

  /// Adds an error about a parameter, at the place that gave its value.
  void add_error(const std::string& path, const std::string& message, const std::string& hint = {});

  bool has_errors() const { return !errors_.empty(); }
  /// Throws InputError with every error so far, those of one source in the order of its lines.
  void throw_if_errors() const;
  const Value& value() const { return value_; }

 private:
  /// Where a value was written: a source and a position in it.
  struct Origin {
    std::size_t source;
    Position at;
  };

  const TypeInfo& type_;
  Value value_;
  std::vector<Source> sources_;
  std::map<std::string, Origin> origins_;  ///< by dotted path; the last writer
  std::vector<Diagnostic> errors_;

  struct Target;
  class Walk;
};

/// Every dotted path below a type that names a single value. Items of lists are called "*".
std::vector<std::string> all_paths(const TypeInfo& type);

/// The only legal value of a field `schema`, its initialiser ("lutsim.arch/1"); empty for any other
/// field.
std::string required_schema(const FieldEntry& field);

/// The dotted path that a message of spec::SpecError begins with; empty when there is none.
std::string leading_path(const std::string& message);

/// Text of the legal range with units, "2 .. 8"; empty when every value is legal.
std::string range_text(const FieldEntry& field);

}  // namespace lutsim::config
