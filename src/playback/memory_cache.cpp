// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/memory_cache.h"

namespace butaca::playback {

namespace {
// What an entry takes besides its bytes, so that very many tiny ones count as well.
constexpr std::uint64_t entry_bytes = 512;

std::uint64_t weight(const std::shared_ptr<GBytes> &bytes)
{
    return g_bytes_get_size(bytes.get()) + entry_bytes;
}
} // namespace

std::shared_ptr<GBytes> MemoryCache::find(const SegmentKey &key)
{
    auto found = positions_.find(key);
    if (found == positions_.end())
        return nullptr;
    order_.splice(order_.end(), order_, found->second);
    return found->second->bytes;
}

void MemoryCache::add(const SegmentKey &key, std::shared_ptr<GBytes> bytes)
{
    std::uint64_t needed = weight(bytes);
    if (needed > most_bytes_ || positions_.contains(key))
        return;
    while (used_bytes_ + needed > most_bytes_) {
        used_bytes_ -= weight(order_.front().bytes);
        positions_.erase(order_.front().key);
        order_.pop_front();
    }
    used_bytes_ += needed;
    positions_[key] = order_.insert(order_.end(), {key, std::move(bytes)});
}

std::uint64_t MemoryCache::size_bytes(const SegmentKey &key) const
{
    auto found = positions_.find(key);
    return found == positions_.end() ? 0 : g_bytes_get_size(found->second->bytes.get());
}

} // namespace butaca::playback
