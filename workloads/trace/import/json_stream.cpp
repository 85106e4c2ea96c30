// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/import/json_stream.h"

#include <iterator>
#include <utility>
#include <vector>

#include "models/config/diagnostics.h"

namespace lutsim::workloads {

namespace {

using nlohmann::json;

/// Builds one value at a time from SAX events: the elements of one array, the other members of the
/// root.
class ElementReader : public nlohmann::json_sax<json> {
 public:
  using Element = std::function<void(const json&, std::size_t)>;
  using Other = std::function<void(const std::string&, const json&)>;

  ElementReader(std::string file, std::string array, const Element& element, const Other& other)
      : file_(std::move(file)), array_(std::move(array)), element_(element), other_(other) {}

  bool null() override { return value(nullptr); }
  bool boolean(bool v) override { return value(v); }
  bool number_integer(number_integer_t v) override { return value(v); }
  bool number_unsigned(number_unsigned_t v) override { return value(v); }
  bool number_float(number_float_t v, const string_t&) override { return value(v); }
  bool string(string_t& v) override { return value(std::move(v)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override {
    if (!in_root_) {
      in_root_ = true;
      return true;
    }
    return open(json::object());
  }
  bool end_object() override { return open_.empty() ? true : close(); }
  bool start_array(std::size_t) override {
    if (!in_root_) return refuse();
    if (open_.empty() && !in_array_ && key_ == array_) return in_array_ = found_ = true;
    return open(json::array());
  }
  bool end_array() override {
    if (!open_.empty()) return close();
    in_array_ = false;
    return true;
  }
  bool key(string_t& name) override {
    if (open_.empty()) {
      key_ = std::move(name);
    } else {
      keys_.back() = std::move(name);
    }
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& e) override {
    error_ = e.what();
    return false;
  }

  bool found() const { return found_; }
  const std::string& error() const { return error_; }

 private:
  bool refuse() {
    error_ = "expected a JSON object";
    return false;
  }
  bool open(json container) {
    open_.push_back(std::move(container));
    keys_.emplace_back();
    return true;
  }
  bool close() {
    json done = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    return value(std::move(done));
  }
  bool value(json v) {
    if (!in_root_) return refuse();
    if (!open_.empty()) {
      json& into = open_.back();
      if (into.is_array()) {
        into.push_back(std::move(v));
      } else {
        into[keys_.back()] = std::move(v);
      }
    } else if (in_array_) {
      element_(v, index_++);
    } else {
      other_(key_, v);
    }
    return true;
  }

  std::string file_, array_;
  const Element& element_;
  const Other& other_;
  bool in_root_ = false, in_array_ = false, found_ = false;
  std::string key_, error_;
  std::vector<json> open_;
  std::vector<std::string> keys_;  ///< of the open objects
  std::size_t index_ = 0;
};

/// "... at line 3, column 7: syntax error ..." without the library's own prefix.
std::string plain_message(const std::string& what) {
  const std::size_t begin = what.find("] ");
  return begin == std::string::npos ? what : what.substr(begin + 2);
}

}  // namespace

void stream_json_array(const std::filesystem::path& file, const std::string& array,
                       const std::function<void(const json&, std::size_t)>& element,
                       const std::function<void(const std::string&, const json&)>& other,
                       const ReadProgress& progress) {
  InputStream in(file, progress);
  ElementReader reader(file.string(), array, element, other);
  const bool good = json::sax_parse(std::istreambuf_iterator<char>(in.stream()),
                                    std::istreambuf_iterator<char>(), &reader);
  if (!in.damage().empty()) {
    throw config::InputError(file.string(), "damaged gzip file: " + in.damage());
  }
  if (!good) throw config::InputError(file.string(), plain_message(reader.error()));
  if (!reader.found()) {
    throw config::InputError(file.string(),
                             "expected the array '" + array + "' in the root object");
  }
}

std::vector<std::string> first_json_keys(const std::filesystem::path& file) {
  // Enough for the members before the long array; a key of depth 1 follows '{' or ','.
  constexpr std::size_t kMost = 1 << 20;
  InputStream in(file);
  std::vector<std::string> keys;
  int depth = 0;
  bool in_string = false, escaped = false;
  std::string text, last;
  char c = 0;
  for (std::size_t i = 0; i < kMost && in.stream().get(c); ++i) {
    if (in_string) {
      if (escaped) {
        escaped = false;
      } else if (c == '\\') {
        escaped = true;
      } else if (c == '"') {
        in_string = false;
        last = std::move(text);
        text.clear();
      } else {
        text += c;
      }
      continue;
    }
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    if (depth == 0 && c != '{') return {};
    if (c == '"') in_string = true;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c == ':' && depth == 1) keys.push_back(last);
  }
  return keys;
}

}  // namespace lutsim::workloads
