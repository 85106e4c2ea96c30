// SPDX-License-Identifier: Apache-2.0
#include "workloads/serving/paged_cache.h"

#include <stdexcept>

namespace lutsim::workloads {

PagedCache::PagedCache(std::uint32_t pages)
    : users_(pages, 0), keys_(pages, 0), place_(pages, kept_.end()) {
  free_.reserve(pages);
  for (PageId page = pages; page > 0; --page) free_.push_back(page - 1);
}

std::uint32_t PagedCache::known_pages(const std::vector<PageKey>& keys) const {
  std::uint32_t count = 0;
  while (count < keys.size() && by_key_.count(keys[count]) > 0) ++count;
  return count;
}

void PagedCache::share(PageTable& table, const std::vector<PageKey>& keys, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const PageId page = by_key_.at(keys[i]);
    if (users_[page]++ == 0) {
      kept_.erase(place_[page]);
      place_[page] = kept_.end();
      ++used_;
    }
    table.push_back(page);
  }
}

bool PagedCache::grow(PageTable& table, std::uint32_t size) {
  if (size <= table.size()) return true;
  if (size - table.size() > available_pages()) return false;
  while (table.size() < size) table.push_back(take());
  return true;
}

PageId PagedCache::take() {
  PageId page = 0;
  if (!free_.empty()) {
    page = free_.back();
    free_.pop_back();
  } else {
    page = kept_.front();
    kept_.pop_front();
    place_[page] = kept_.end();
    forget(page);
  }
  users_[page] = 1;
  ++used_;
  return page;
}

void PagedCache::forget(PageId page) {
  by_key_.erase(keys_[page]);
  keys_[page] = 0;
}

void PagedCache::publish(PageId page, PageKey key) {
  if (users_.at(page) == 0) throw std::logic_error("a page that nobody uses is published");
  if (key == 0 || keys_[page] != 0 || !by_key_.emplace(key, page).second) return;
  keys_[page] = key;
}

void PagedCache::release(PageTable& table) {
  // From the end: the beginning of a prompt is what others share, so it is given away last.
  for (auto it = table.rbegin(); it != table.rend(); ++it) {
    const PageId page = *it;
    if (users_.at(page) == 0) throw std::logic_error("a page is released twice");
    if (--users_[page] > 0) continue;
    --used_;
    if (keys_[page] != 0) {
      place_[page] = kept_.insert(kept_.end(), page);
    } else {
      free_.push_back(page);
    }
  }
  table.clear();
}

void PagedCache::check() const {
  std::vector<int> states(users_.size(), 0);
  for (const PageId page : free_) {
    if (users_[page] != 0 || keys_[page] != 0) throw std::logic_error("a free page is in use");
    ++states[page];
  }
  for (const PageId page : kept_) {
    if (users_[page] != 0 || keys_[page] == 0) throw std::logic_error("a kept page is in use");
    ++states[page];
  }
  std::uint32_t used = 0;
  for (PageId page = 0; page < users_.size(); ++page) {
    if (users_[page] > 0) ++used, ++states[page];
    if (states[page] != 1) throw std::logic_error("a page is in no state or in two");
    const auto known = by_key_.find(keys_[page]);
    if (keys_[page] != 0 && (known == by_key_.end() || known->second != page))
      throw std::logic_error("a key does not lead to its page");
  }
  if (used != used_) throw std::logic_error("the count of used pages is wrong");
}

}  // namespace lutsim::workloads
