// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/index_shelf.h"

#include <algorithm>

#include "src/base/files.h"
#include "src/base/log.h"

namespace butaca::playback {

namespace {

constexpr std::size_t index_limit_bytes = 64U << 20;
constexpr std::size_t kept_in_memory = 16;

// Milliseconds of work for a long film.
Result<IndexShelf::IndexPtr> parse(const std::string &bytes)
{
    auto parsed = media::PacketIndex::parse(bytes);
    if (!parsed)
        return fail(parsed.error());
    return std::make_shared<const media::PacketIndex>(std::move(*parsed));
}

} // namespace

IndexShelf::IndexPtr IndexShelf::in_memory(const std::string &digest)
{
    auto at = std::find_if(recent_.begin(), recent_.end(),
                           [&](const auto &entry) { return entry.first == digest; });
    if (at == recent_.end())
        return nullptr;
    recent_.splice(recent_.begin(), recent_, at);
    return at->second;
}

void IndexShelf::load(const std::string &digest, Done done)
{
    auto work = [path = path_of(digest)]() -> Result<IndexPtr> {
        auto bytes = read_file(path, index_limit_bytes);
        return bytes ? parse(*bytes) : fail(bytes.error());
    };
    run(digest, std::move(work), std::move(done));
}

void IndexShelf::keep(const std::string &digest, std::string bytes, Done done)
{
    auto work = [path = path_of(digest), bytes = std::move(bytes)]() -> Result<IndexPtr> {
        auto index = parse(bytes);
        if (index)
            if (auto written = write_file_atomically(path, bytes, 0600); !written)
                log::warn("origin.index.not_kept", {{"why", written.error().detail}});
        return index;
    };
    run(digest, std::move(work), std::move(done));
}

void IndexShelf::run(const std::string &digest, std::function<Result<IndexPtr>()> work, Done done)
{
    auto queued =
        files_.call<Result<IndexPtr>>(std::move(work), [this, digest, done](Result<IndexPtr> index) {
            if (index) {
                recent_.emplace_front(digest, *index);
                if (recent_.size() > kept_in_memory)
                    recent_.pop_back();
            }
            done(std::move(index));
        });
    if (!queued)
        done(fail(queued.error()));
}

} // namespace butaca::playback
