// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/segment_cache.h"

#include <cerrno>

#include <unistd.h>

#include "src/base/log.h"

namespace butaca::playback {

namespace {

// Longer segments than this are not ours.
constexpr std::uint64_t segment_most_bytes = 1ULL << 30;
constexpr std::chrono::minutes complaint_pause{1};

std::string object_key(const SegmentKey &key)
{
    return key.rendition + "/" + (key.number == init_segment ? "init" : std::to_string(key.number));
}

std::shared_ptr<GBytes> read_object(objects::FolderStore &store, const std::string &key)
{
    auto object = store.open(key);
    if (!object || object->size_bytes > segment_most_bytes)
        return nullptr;
    std::size_t size = object->size_bytes;
    auto buffer = adopt(static_cast<char *>(g_try_malloc(size + 1)));
    for (std::size_t taken = 0; buffer && taken < size;) {
        ssize_t length =
            ::pread(object->fd.get(), buffer.get() + taken, size - taken, static_cast<off_t>(taken));
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0)
            return nullptr;
        taken += static_cast<std::size_t>(length);
    }
    if (!buffer)
        return nullptr;
    return {g_bytes_new_take(buffer.release(), size), g_bytes_unref};
}

Status put_object(objects::FolderStore &store, const std::string &key, GBytes *bytes, std::uint64_t cost_ms)
{
    gsize size = 0;
    auto data = static_cast<const char *>(g_bytes_get_data(bytes, &size));
    return store.put(key, {data, size}, cost_ms);
}

} // namespace

SegmentCache::SegmentCache(std::unique_ptr<objects::FolderStore> store, std::uint64_t memory_bytes)
    : store_(std::move(store)), memory_(memory_bytes)
{
    (void)writer_.run([folder = store_.get()] { folder->scan(); }, nullptr); // the first job always fits
}

Result<std::unique_ptr<SegmentCache>> SegmentCache::start(const std::string &folder, std::uint64_t disk_bytes,
                                                          std::uint64_t memory_bytes)
{
    auto store = objects::FolderStore::start(folder, disk_bytes);
    if (!store)
        return fail(std::move(store).error().at("opening the segment cache"));
    return std::unique_ptr<SegmentCache>(new SegmentCache(std::move(*store), memory_bytes));
}

bool SegmentCache::may_be_on_disk(const SegmentKey &key) const
{
    return store_->size_bytes(object_key(key)) > 0 || !knows_disk();
}

bool SegmentCache::knows_disk() const { return store_->scanned(); }

void SegmentCache::read(const SegmentKey &key, std::function<void(std::shared_ptr<GBytes>)> done)
{
    auto work = [store = store_.get(), name = object_key(key)] { return read_object(*store, name); };
    auto finish = [this, key, done](std::shared_ptr<GBytes> bytes) {
        if (bytes)
            memory_.add(key, bytes);
        done(std::move(bytes));
    };
    auto begun = readers_.call<std::shared_ptr<GBytes>>(std::move(work), std::move(finish));
    // With too many reads under way the segment is as good as not there; it can be made again.
    if (!begun)
        post([done = std::move(done)] { done(nullptr); });
}

void SegmentCache::keep(const SegmentKey &key, std::shared_ptr<GBytes> bytes, std::chrono::nanoseconds cost)
{
    memory_.add(key, bytes);
    auto cost_ms = static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::milliseconds>(cost).count());
    auto begun = writer_.call<Status>([store = store_.get(), name = object_key(key), bytes = std::move(bytes),
                                       cost_ms] { return put_object(*store, name, bytes.get(), cost_ms); },
                                      [this](const Status &status) { stored(status); });
    if (!begun)
        stored(begun);
}

// A full disk fails with every segment: one line a minute says so as well as one for each.
void SegmentCache::stored(const Status &status)
{
    auto now = std::chrono::steady_clock::now();
    if (status || (complained_at_ && now - *complained_at_ < complaint_pause))
        return;
    complained_at_ = now;
    log::warn("segments.not_stored", {{"why", status.error().message}, {"detail", status.error().detail}});
}

std::uint64_t SegmentCache::size_bytes(const SegmentKey &key) const
{
    if (std::uint64_t size = memory_.size_bytes(key))
        return size;
    return store_->size_bytes(object_key(key));
}

} // namespace butaca::playback
