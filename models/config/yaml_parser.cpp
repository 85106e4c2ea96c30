// SPDX-License-Identifier: Apache-2.0
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <sstream>

#include "models/config/node.h"

namespace lutsim::config {
namespace {

Position position(const YAML::Mark& mark) {
  return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

/// Builds Nodes from the parser's events. YAML::Node would drop what the strict reader must see:
/// the second of two equal keys and the difference between 4 and "4".
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const Source& source, std::vector<Diagnostic>& errors)
      : source_(source), errors_(errors) {}

  YamlNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    YamlNode node;
    node.at = position(mark);
    put(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    errors_.push_back(
        source_.error(position(mark), "aliases (*name) are not supported", "write the value out"));
    put(YamlNode{});
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    YamlNode node;
    node.kind = YamlNode::Kind::scalar;
    node.at = position(mark);
    node.text = value;
    node.quoted = tag == "!";
    put(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::list);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::map);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  /// A container whose end has not come yet.
  struct Open {
    YamlNode node;
    bool has_key = false;  ///< map: the key is read, its value is next
    YamlNode::Key key;
  };

  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor == 0) return;
    errors_.push_back(
        source_.error(position(mark), "anchors (&name) are not supported", "write the value out"));
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    // yaml-cpp's own marks: "?" plain, "!" quoted.
    if (tag.empty() || tag == "?" || tag == "!") return;
    errors_.push_back(source_.error(position(mark), "tags (" + tag + ") are not supported"));
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YamlNode::Kind kind) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    Open container;
    container.node.kind = kind;
    container.node.at = position(mark);
    stack_.push_back(std::move(container));
  }

  void close() {
    YamlNode node = std::move(stack_.back().node);
    stack_.pop_back();
    put(std::move(node));
  }

  void put(YamlNode node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = stack_.back();
    if (parent.node.kind == YamlNode::Kind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.has_key) {
      parent.node.entries.emplace_back(parent.key, std::move(node));
      parent.has_key = false;
    } else {
      if (node.kind != YamlNode::Kind::scalar) {
        errors_.push_back(source_.error(
            node.at, std::string("a key must be a single word, but is ") + node.kind_text()));
      }
      parent.key = {node.text, node.at};
      parent.has_key = true;
    }
  }

  const Source& source_;
  std::vector<Diagnostic>& errors_;
  std::vector<Open> stack_;
  YamlNode root_;
};

}  // namespace

YamlNode parse_yaml(const Source& source, std::vector<Diagnostic>& errors) {
  // yaml-cpp 0.7 takes a quote that is still open at the end of the file for closed when the last
  // character is a newline; with a comment after it, it reports the open quote.
  std::istringstream stream(source.text() + "\n#");
  TreeBuilder builder(source, errors);
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    YamlNode root = builder.take();
    TreeBuilder second(source, errors);
    if (parser.HandleNextDocument(second)) {
      errors.push_back(source.error(second.take().at, "a second document in one file",
                                    "every file holds one document; remove the line '---'"));
    }
    return root;
  } catch (const YAML::Exception& e) {
    const Position end = source.end();
    const Position at = position(e.mark);
    const bool open_quote = e.msg == YAML::ErrorMsg::EOF_IN_SCALAR;
    errors.push_back(source.error(at.line > end.line ? end : at, "not valid YAML: " + e.msg,
                                  open_quote ? "a quote is not closed" : ""));
    return {};
  }
}

}  // namespace lutsim::config
