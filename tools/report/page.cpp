// SPDX-License-Identifier: Apache-2.0
#include "tools/report/page.h"

#include <openssl/evp.h>

#include <array>

#include "tools/report/page_parts.h"

namespace lutsim::tools::report {

namespace {

/// Puts `text` where `mark` stands. The marks stand once each, in the frame.
void put(std::string& frame, const std::string& mark, const std::string& text) {
  frame.replace(frame.find(mark), mark.size(), text);
}

/// "sha256-..." as a content security policy names a script.
std::string script_hash(std::string_view script) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(script.data(), script.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> text{};
  const int length = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(size));
  return "sha256-" + std::string(text.begin(), text.begin() + length);
}

}  // namespace

std::string embedded_json(const nlohmann::ordered_json& data) {
  // Names come from files that may not be UTF-8.
  const std::string plain =
      data.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::string text;
  text.reserve(plain.size());
  for (const char c : plain) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

std::string escaped_html(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string page(const std::string& title, const nlohmann::ordered_json& data) {
  std::string html(page_frame);
  // From the end, so that no mark is looked for in what was put in.
  put(html, "@SCRIPT@", std::string(page_script));
  put(html, "@DATA@", embedded_json(data));
  put(html, "@STYLE@", std::string(page_style));
  put(html, "@TITLE@", escaped_html(title));
  put(html, "@SCRIPT_HASH@", script_hash(page_script));
  return html;
}

}  // namespace lutsim::tools::report
