// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <list>
#include <unordered_map>
#include <vector>

namespace lutsim::workloads {

using PageId = std::uint32_t;
using PageKey = std::uint64_t;  ///< hash of the content of a page and of all before it

/// Pages of a sequence, in the order of its positions.
using PageTable = std::vector<PageId>;

/// The memory that holds keys and values, in pages of equal size. A page is free, in use by one or
/// more sequences, or kept: no sequence uses it, but its content is known and is used again when a
/// prompt begins alike. Kept pages are given away, least recently used first, when no page is free.
class PagedCache {
 public:
  explicit PagedCache(std::uint32_t pages);

  std::uint32_t pages() const { return static_cast<std::uint32_t>(users_.size()); }
  std::uint32_t used_pages() const { return used_; }
  /// Free or kept.
  std::uint32_t available_pages() const { return pages() - used_; }

  /// Leading pages of `keys` that are known.
  std::uint32_t known_pages(const std::vector<PageKey>& keys) const;
  /// Appends the first `count` of `keys`, which are known, to `table`.
  void share(PageTable& table, const std::vector<PageKey>& keys, std::uint32_t count);
  /// Makes `table` at least `size` pages long; false, and nothing is changed, without enough pages.
  bool grow(PageTable& table, std::uint32_t size);
  /// Says what the page holds, so that others may share it. Keeps the page that had the key.
  void publish(PageId page, PageKey key);
  /// The sequence does not use its pages any longer; the table is empty afterwards.
  void release(PageTable& table);

  /// Throws std::logic_error unless every page is in exactly one state and counts agree.
  void check() const;

 private:
  PageId take();
  void forget(PageId page);

  std::vector<std::uint32_t> users_;  ///< sequences that use a page
  std::vector<PageKey> keys_;         ///< 0: unknown content
  std::vector<PageId> free_;
  std::list<PageId> kept_;  ///< least recently used first
  std::vector<std::list<PageId>::iterator> place_;
  std::unordered_map<PageKey, PageId> by_key_;
  std::uint32_t used_ = 0;
};

}  // namespace lutsim::workloads
