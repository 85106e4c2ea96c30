// SPDX-License-Identifier: Apache-2.0
#include "workloads/serving/paged_cache.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace lutsim::workloads {
namespace {

TEST(PagedCache, GrowsByWholePagesOrNotAtAll) {
  PagedCache cache(4);
  PageTable a, b;
  EXPECT_TRUE(cache.grow(a, 3));
  EXPECT_FALSE(cache.grow(b, 2));
  EXPECT_TRUE(b.empty());
  EXPECT_EQ(cache.used_pages(), 3u);
  EXPECT_TRUE(cache.grow(b, 1));
  EXPECT_EQ(std::set<PageId>(a.begin(), a.end()).count(b[0]), 0u);
  cache.release(a);
  cache.release(b);
  EXPECT_EQ(cache.available_pages(), 4u);
  cache.check();
}

TEST(PagedCache, KeepsKnownPagesUntilTheirRoomIsNeeded) {
  PagedCache cache(3);
  PageTable a, b, c;
  cache.grow(a, 2);
  cache.publish(a[0], 11);
  cache.publish(a[1], 22);
  cache.release(a);
  EXPECT_EQ(cache.used_pages(), 0u);
  EXPECT_EQ(cache.known_pages({11, 22, 33}), 2u);
  cache.share(b, {11}, 1);
  EXPECT_EQ(cache.used_pages(), 1u);
  // One page is free, one is kept: the free one goes first, then the kept one is given away.
  ASSERT_TRUE(cache.grow(c, 2));
  EXPECT_EQ(cache.known_pages({11}), 1u);
  EXPECT_EQ(cache.known_pages({22}), 0u);
  cache.release(b);
  cache.release(c);
  cache.check();
}

TEST(PagedCache, TheEndOfAPromptIsGivenAwayBeforeItsBeginning) {
  PagedCache cache(2);
  PageTable a, b;
  cache.grow(a, 2);
  cache.publish(a[0], 11);
  cache.publish(a[1], 22);
  cache.release(a);
  cache.grow(b, 1);
  EXPECT_EQ(cache.known_pages({11, 22}), 1u);
  cache.release(b);
}

TEST(PagedCache, ASharedPageStaysUntilItsLastUserLeaves) {
  PagedCache cache(1);
  PageTable a, b;
  cache.grow(a, 1);
  cache.publish(a[0], 7);
  cache.share(b, {7}, 1);
  cache.release(a);
  EXPECT_EQ(cache.available_pages(), 0u);
  cache.release(b);
  EXPECT_EQ(cache.available_pages(), 1u);
}

TEST(PagedCache, RefusesToPublishAPageThatNobodyUses) {
  PagedCache cache(1);
  EXPECT_THROW(cache.publish(0, 1), std::logic_error);
}

/// Random operations against the rules that always hold.
TEST(PagedCache, InvariantsHoldUnderRandomUse) {
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::uint32_t end) { return random() % end; };
    PagedCache cache(1 + below(12));
    std::vector<PageTable> tables(5);
    for (int i = 0; i < 400; ++i) {
      PageTable& table = tables[below(5)];
      const std::uint32_t used = cache.used_pages();
      switch (below(4)) {
        case 0: {
          const auto size = static_cast<std::uint32_t>(table.size()) + below(4);
          const bool fits = size - table.size() <= cache.available_pages();
          const std::size_t before = table.size();
          EXPECT_EQ(cache.grow(table, size), fits);
          EXPECT_EQ(table.size(), fits ? size : before);
          EXPECT_EQ(cache.used_pages(), used + table.size() - before);
          break;
        }
        case 1:
          cache.release(table);
          EXPECT_LE(cache.used_pages(), used);
          break;
        case 2:
          if (!table.empty()) cache.publish(table[below(table.size())], 1 + below(6));
          break;
        default: {
          const std::vector<PageKey> keys = {1 + below(6), 1 + below(6)};
          const std::uint32_t known = cache.known_pages(keys);
          if (table.empty()) cache.share(table, keys, known);
        }
      }
      cache.check();
      std::set<PageId> all;
      for (const PageTable& t : tables) all.insert(t.begin(), t.end());
      EXPECT_EQ(all.size(), cache.used_pages());
    }
    for (PageTable& table : tables) cache.release(table);
    EXPECT_EQ(cache.available_pages(), cache.pages());
    cache.check();
  }
}

}  // namespace
}  // namespace lutsim::workloads
