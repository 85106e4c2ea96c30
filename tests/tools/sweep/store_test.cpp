// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/store.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tools/sweep/space_text.h"
#include "tools/support/read_file.h"

namespace lutsim::tools::sweep {
namespace {

using json = nlohmann::ordered_json;
using ::testing::HasSubstr;

json record(const std::string& key, const std::string& status = "ok") {
  return {{"schema", "lutsim.point/1"}, {"key", key}, {"status", status}};
}

std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const config::InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Shard, IsCountedFromOne) {
  const Shard shard = parse_shard("2/8");
  EXPECT_EQ(shard.name(), "2-of-8");
  EXPECT_TRUE(shard.has(1));
  EXPECT_TRUE(shard.has(9));
  EXPECT_FALSE(shard.has(2));
  for (const char* wrong : {"0/8", "9/8", "1", "1/", "/1", "a/b", "1/0", "-1/2", "1/2/3"})
    EXPECT_THAT(refusal([&] { parse_shard(wrong); }), HasSubstr("is not i/K")) << wrong;
}

TEST(Store, KeepsRecordsFromProcessToProcess) {
  const auto folder = test::fresh_folder();
  {
    Store store(folder, "space", {}, false);
    store.append(record("a"));
    store.append(record("b", "failed"));
  }
  Store store(folder, "space", {}, true);
  EXPECT_EQ(store.records().size(), 2u);
  EXPECT_EQ(store.find("b")->at("status"), "failed");
  EXPECT_EQ(store.find("c"), nullptr);
}

TEST(Store, ATornLastLineIsCutOffAndWrittenAgain) {
  const auto folder = test::fresh_folder();
  { Store(folder, "space", {}, false).append(record("a")); }
  const auto file = folder / "results-1-of-1.jsonl";
  const std::string whole = read_file(file);
  for (const std::string torn :
       {"{\"schema\":\"lutsim.po", "{\"schema\":\"lutsim.po\n", "\n", "{"}) {
    std::ofstream(file, std::ios::trunc) << whole << torn;
    Store store(folder, "space", {}, true);
    EXPECT_EQ(store.records().size(), 1u) << torn;
    store.append(record("b"));
    EXPECT_EQ(read_file(file), whole + record("b").dump() + "\n") << torn;
  }
}

TEST(Store, ADamagedFileIsRefusedWithItsLine) {
  const auto folder = test::fresh_folder();
  { Store(folder, "space", {}, false).append(record("a")); }
  const auto file = folder / "results-1-of-1.jsonl";
  const std::string whole = read_file(file);
  std::ofstream(file, std::ios::trunc) << whole << "rubbish\n" << whole;
  EXPECT_THAT(refusal([&] { Store(folder, "space", {}, true); }),
              HasSubstr("results-1-of-1.jsonl:2:1: error: this is no record of a sweep"));
}

TEST(Store, RefusesToMixSweeps) {
  const auto folder = test::fresh_folder();
  { Store(folder, "space", {}, false).append(record("a")); }
  EXPECT_THAT(refusal([&] { Store(folder, "space", {}, false); }), HasSubstr("--resume"));
  EXPECT_THAT(refusal([&] { Store(folder, "other", {}, true); }), HasSubstr("another space"));
}

TEST(Store, OneProcessWritesAShardAtATime) {
  const auto folder = test::fresh_folder();
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t other = ::fork();
  if (other == 0) {
    const Store store(folder, "space", {1, 2}, false);
    if (::write(ready[1], "r", 1) == 1) ::pause();
    ::_exit(1);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_THAT(refusal([&] {
                Store(folder, "space", {1, 2}, true);
              }),
              HasSubstr("another process is writing it"));
  EXPECT_EQ(refusal([&] { Store(folder, "space", {2, 2}, true); }), "");
  ::kill(other, SIGKILL);
  ::waitpid(other, nullptr, 0);
  EXPECT_EQ(refusal([&] { Store(folder, "space", {1, 2}, true); }), "");
}

TEST(Records, OkBeatsAnyOtherAndTheLaterOneCounts) {
  const auto folder = test::fresh_folder();
  const auto of = [&](std::initializer_list<json> lines) {
    std::ofstream file(folder / "r.jsonl", std::ios::trunc);
    for (const json& line : lines) file << line.dump() << "\n";
    file.close();
    Records records;
    read_records(folder / "r.jsonl", records);
    return records.at("a").at("status").get<std::string>();
  };
  EXPECT_EQ(of({record("a", "failed"), record("a", "ok")}), "ok");
  EXPECT_EQ(of({record("a", "ok"), record("a", "failed")}), "ok");
  EXPECT_EQ(of({record("a", "failed"), record("a", "refused")}), "refused");
}

TEST(Store, ConstantsAreKeptOnceByTheirContent) {
  const auto folder = test::fresh_folder();
  Store store(folder, "space", {}, false);
  const std::string name = store.keep_constants(json::array({{{"name", "a"}}}));
  EXPECT_EQ(store.keep_constants(json::array({{{"name", "a"}}})), name);
  EXPECT_NE(store.keep_constants(json::array({{{"name", "b"}}})), name);
  EXPECT_TRUE(std::filesystem::exists(folder / "constants" / (name + ".json")));
}

}  // namespace
}  // namespace lutsim::tools::sweep
