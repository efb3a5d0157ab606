// SPDX-License-Identifier: LGPL-2.1-or-later
// Finished segments: the recent ones in memory, all that fit on disk. Loop-bound; the disk is read and
// written on threads of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "src/base/executor.h"
#include "src/objects/folder.h"
#include "src/playback/memory_cache.h"

namespace butaca::playback {

class SegmentCache {
public:
    // Returns at once; what is on disk becomes known in the background.
    static Result<std::unique_ptr<SegmentCache>> start(const std::string &folder, std::uint64_t disk_bytes,
                                                       std::uint64_t memory_bytes);

    // The segment if it is in memory; null otherwise.
    std::shared_ptr<GBytes> in_memory(const SegmentKey &key) { return memory_.find(key); }
    // Is it worth asking read()? Sure only once the folder is known.
    bool may_be_on_disk(const SegmentKey &key) const;
    // Is all known that was on disk at the start? Until then anything may be there.
    bool knows_disk() const;
    // Reads a segment from disk into memory, then calls back on the loop, never from inside this call;
    // null when there is none to be had.
    void read(const SegmentKey &key, std::function<void(std::shared_ptr<GBytes>)> done);
    // Keeps a finished segment in both. That the disk takes it is not promised: a full one is logged.
    void keep(const SegmentKey &key, std::shared_ptr<GBytes> bytes, std::chrono::nanoseconds cost);
    // 0 when it is in neither.
    std::uint64_t size_bytes(const SegmentKey &key) const;

    std::uint64_t memory_used_bytes() const { return memory_.used_bytes(); }
    std::uint64_t disk_used_bytes() const { return store_->used_bytes(); }

private:
    SegmentCache(std::unique_ptr<objects::FolderStore> store, std::uint64_t memory_bytes);
    void stored(const Status &status);

    std::unique_ptr<objects::FolderStore> store_;
    MemoryCache memory_;
    std::optional<std::chrono::steady_clock::time_point> complained_at_; // about a disk that takes nothing
    // Viewers wait for reads, nobody for writes. One writer: it begins with the scan, so that nothing is
    // written before that is done.
    Executor readers_{2, 512};
    Executor writer_{1, 64};
};

} // namespace butaca::playback
