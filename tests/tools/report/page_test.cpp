// SPDX-License-Identifier: Apache-2.0
#include "tools/report/page.h"

#include <gmock/gmock.h>
#include <openssl/evp.h>

#include <array>
#include <regex>

#include "tools/report/page_parts.h"
#include "tools/report/timeline_data.h"

namespace lutsim::tools::report {
namespace {

using json = nlohmann::ordered_json;
using ::testing::HasSubstr;
using ::testing::Not;

/// What stands between the tag that begins with `begin` and `end`.
std::string between(const std::string& html, const std::string& begin, const std::string& end) {
  const std::size_t from = html.find(begin) + begin.size();
  return html.substr(from, html.find(end, from) - from);
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t n = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++n;
  return n;
}

const char* const kEvil = "</script><script>alert(1)</script><!--";

TEST(Page, DataComeBackAsTheyWere) {
  const json data = {{"kind", "run"}, {"name", kEvil}, {"tiny", 5e-324}, {"third", 1.0 / 3}};
  const std::string html = page("t", data);
  const std::string text = between(html, "id=\"data\">", "</script>");
  EXPECT_EQ(json::parse(text), data);
  EXPECT_THAT(text, Not(HasSubstr("<")));
}

TEST(Page, ANameEndsNoElement) {
  const std::string plain = page("t", {{"kind", "run"}});
  const std::string evil = page(kEvil, {{"kind", kEvil}, {kEvil, 1}});
  EXPECT_EQ(count(evil, "<script"), count(plain, "<script"));
  EXPECT_EQ(count(evil, "</script"), count(plain, "</script"));
  EXPECT_EQ(between(evil, "<title>", "</title>"), escaped_html(kEvil));
  EXPECT_EQ(escaped_html("a<b>&\"c"), "a&lt;b&gt;&amp;&quot;c");
}

TEST(Page, AMarkInADataIsNoMark) {
  const json data = {{"kind", "@STYLE@ @TITLE@ @SCRIPT@ @DATA@ @SCRIPT_HASH@"}};
  const std::string html = page("@DATA@@SCRIPT_HASH@", data);
  EXPECT_EQ(json::parse(between(html, "id=\"data\">", "</script>")), data);
  EXPECT_EQ(between(html, "<title>", "</title>"), "@DATA@@SCRIPT_HASH@");
}

TEST(Page, BytesThatAreNoTextAreReplaced) {
  EXPECT_THAT(embedded_json({{"name", "\xff"}}), HasSubstr("\xef\xbf\xbd"));
}

TEST(Page, ItsPolicyAllowsItsScriptAndNothingElse) {
  const std::string html = page("t", {{"kind", "run"}});
  const std::string script = between(html, "<script type=\"module\">", "</script>");
  EXPECT_EQ(script, page_script);
  std::array<unsigned char, 32> digest{};
  EVP_Digest(script.data(), script.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  std::array<unsigned char, 64> base64{};
  EVP_EncodeBlock(base64.data(), digest.data(), 32);
  EXPECT_THAT(html, HasSubstr(std::string("default-src 'none'; style-src 'unsafe-inline'; "
                                          "script-src 'sha256-") +
                              reinterpret_cast<const char*>(base64.data()) + "'"));
}

TEST(Page, LoadsNothingAndEvaluatesNothing) {
  const std::string html = page("t", {{"kind", "run"}});
  for (const char* word : {"https:", " src=", "@import", "url(", "eval(", "new Function",
                           "innerHTML", "document.write", "fetch(", "XMLHttpRequest"}) {
    EXPECT_THAT(html, Not(HasSubstr(word)));
  }
  // The one address is the name of SVG.
  EXPECT_EQ(count(html, "http:"), count(html, "http://www.w3.org/2000/svg"));
}

TEST(Page, IsSmall) { EXPECT_LT(page("t", {{"kind", "run"}}).size(), 120'000u); }

TEST(Page, EveryModuleIsInIt) {
  const std::string script(page_script);
  EXPECT_THAT(script, Not(HasSubstr("\nimport ")));
  EXPECT_THAT(script, Not(HasSubstr("\nexport ")));
  // Every module that another one takes something from stands before it.
  const std::regex use(R"(\} = ([a-z_]+_module);)");
  for (std::sregex_iterator it(script.begin(), script.end(), use), end; it != end; ++it) {
    const std::size_t made = script.find("const " + (*it)[1].str() + " = (() => {");
    EXPECT_LT(made, static_cast<std::size_t>(it->position())) << (*it)[1];
  }
}

TEST(TimelineData, KeepsEverySlice) {
  const json trace = {{"traceEvents",
                       {{{"ph", "M"},
                         {"name", "thread_name"},
                         {"pid", 1},
                         {"tid", 1},
                         {"args", {{"name", "matrix"}}}},
                        {{"ph", "M"},
                         {"name", "thread_name"},
                         {"pid", 1},
                         {"tid", 2},
                         {"args", {{"name", "vector"}}}},
                        {{"ph", "X"},
                         {"name", "q"},
                         {"cat", "matmul"},
                         {"pid", 1},
                         {"tid", 1},
                         {"ts", 1.5},
                         {"dur", 2},
                         {"args", {{"commands", 7}, {"busy_us", 1.25}}}},
                        {{"ph", "X"},
                         {"name", "s"},
                         {"cat", "softmax"},
                         {"pid", 1},
                         {"tid", 2},
                         {"ts", 0},
                         {"dur", 1},
                         {"args", {{"commands", 1}, {"busy_us", 1}}}}}}};
  const json data = timeline_data(trace);
  EXPECT_EQ(data.at("tracks"), json({"matrix", "vector"}));
  EXPECT_EQ(data.at("kinds"), json({"matmul", "softmax"}));
  EXPECT_EQ(data.at("total"), 3.5);
  EXPECT_EQ(data.at("slices").at(0), json({0, 1.5, 3.5, 0, "q", 7, 1.25}));
  EXPECT_EQ(data.at("slices").at(1).at(3), 1);
  EXPECT_THROW(timeline_data({{"other", 1}}), json::exception);
}

}  // namespace
}  // namespace lutsim::tools::report
