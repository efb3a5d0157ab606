// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/source/range_reader.h"

#include <algorithm>
#include <cstring>

#include <gst/gst.h>

namespace butaca::source {
namespace {

GstDebugCategory *debug_category()
{
    static GstDebugCategory *category = _gst_debug_category_new("butacasrc", 0, "originals on VS and AS");
    return category;
}
#define GST_CAT_DEFAULT debug_category()

// An attempt that brings this much within the timeout is alive; one that trickles less is not.
constexpr std::size_t alive_bytes = std::size_t{16} * 1024;
// A pull larger than the read-ahead is one request all the same (an index of a film, read in one go), up to
// this.
constexpr std::size_t max_window_bytes = std::size_t{16} * 1024 * 1024;

} // namespace

RangeReader::RangeReader(Address address, std::string ticket, const ReaderOptions &options)
    : address_(std::move(address)), options_(options),
      cache_(options.block_size_bytes, options.cache_size_bytes),
      etag_(address_.digest.empty() ? "" : "\"" + address_.digest + "\""),
      interrupt_(adopt(g_cancellable_new())), ticket_(std::move(ticket))
{
}

Result<std::size_t> RangeReader::read(std::uint64_t offset, std::span<std::uint8_t> into)
{
    std::lock_guard lock(reading_);
    Owned<GCancellable> interrupt = interruption();
    std::size_t done = 0;
    while (done < into.size()) {
        if (g_cancellable_is_cancelled(interrupt.get()))
            return fail(ErrorCode::cancelled, "reading the original was interrupted");
        std::uint64_t position = offset + done;
        if (auto size = known_size(); size && position >= *size)
            break;
        std::uint64_t index = position / options_.block_size_bytes;
        const Block *block = cache_.find(index);
        if (block) {
            ++cache_hits_;
        } else {
            ++cache_misses_;
            if (auto fetched = fetch(index, {into.size() - done, interrupt.get()}); !fetched)
                return fail(std::move(fetched.error()));
            block = cache_.find(index);
        }
        std::size_t skip = position % options_.block_size_bytes;
        if (!block || block->size() <= skip)
            break;
        std::size_t part = std::min(block->size() - skip, into.size() - done);
        std::memcpy(into.data() + done, block->data() + skip, part);
        done += part;
    }
    bytes_read_ += done;
    return done;
}

// Brings a block into the cache; nothing is there afterwards when it lies past the end.
Status RangeReader::fetch(std::uint64_t index, const Pull &pull)
{
    // Stepping over one block costs less than the connection that dropping the answer would cost.
    if (stream_.is_open() && index > 0 && stream_.position() == (index - 1) * options_.block_size_bytes &&
        stream_.remaining_bytes() > options_.block_size_bytes) {
        if (auto stepped = fetch(index - 1, pull); !stepped)
            return stepped;
    }
    Block block = cache_.claim();
    auto filled = fill(index, block, pull);
    if (!filled || *filled == 0) {
        cache_.give_back(std::move(block));
        return filled ? Status() : fail(std::move(filled.error()));
    }
    block.resize(*filled);
    cache_.put(index, std::move(block));
    return {};
}

// Reads one block with retries, each going on at the byte where the last one ended. How many bytes it has.
Result<std::size_t> RangeReader::fill(std::uint64_t index, Block &block, const Pull &pull)
{
    if (changed_)
        return fail(*changed_);
    Retry retry(options_.attempts, options_.backoff_ms, static_cast<unsigned>(address_.hosts.size()));
    std::uint64_t start = index * options_.block_size_bytes;
    std::size_t filled = 0;
    std::size_t before = 0; // bytes that were there when the last attempt began
    for (;;) {
        std::uint64_t size = known_size().value_or(G_MAXUINT64);
        std::size_t whole = std::min<std::uint64_t>(block.size(), size > start ? size - start : 0);
        if (filled >= whole)
            return whole;
        auto read = read_some(start + filled, std::span(block).subspan(filled, whole - filled), filled, pull);
        if (read)
            continue;
        drop();
        Error error = std::move(read.error()).at(address_.hosts[host_]);
        if (error.code == ErrorCode::conflict)
            changed_ = error;
        if (filled - before >= alive_bytes)
            retry.progressed();
        before = filled;
        if (auto ready = prepare_retry(retry, error, pull); !ready)
            return fail(std::move(ready.error()));
    }
}

// Waits as long as it should and turns to the next replica; the error to give up with when there is no point.
Status RangeReader::prepare_retry(Retry &retry, const Error &error, const Pull &pull)
{
    auto wait_ms = retry.failed(error);
    GST_WARNING("%s (%s); %s", error.detail.c_str(), to_string(error.code),
                wait_ms ? "trying again" : "giving up");
    if (!wait_ms)
        return fail(error);
    ++retries_;
    if (address_.hosts.size() > 1)
        ++failovers_;
    host_ = (host_ + 1) % address_.hosts.size();
    return stream_.wait(*wait_ms, pull.interrupt);
}

// Reads the next 16 KiB (or the rest) of a block from the open answer, or from a new one, and adds what it
// got to `filled`, also on failure. Adds nothing past the end.
Status RangeReader::read_some(std::uint64_t position, std::span<std::uint8_t> rest, std::size_t &filled,
                              const Pull &pull)
{
    if (!stream_.is_open() || stream_.position() != position) {
        if (auto opened = open(position, pull); !opened)
            return opened;
    }
    std::int64_t deadline_us = g_get_monotonic_time() + std::int64_t{options_.read_timeout_ms} * 1000;
    std::size_t enough = std::min<std::uint64_t>({rest.size(), alive_bytes, stream_.remaining_bytes()});
    // Several reads may fill it, but never past what this answer holds.
    rest = rest.first(std::min<std::uint64_t>(rest.size(), stream_.remaining_bytes()));
    for (std::size_t done = 0; done < enough;) {
        auto got = stream_.read(rest.subspan(done), deadline_us, pull.interrupt);
        if (!got)
            return fail(std::move(got.error()));
        done += *got;
        filled += *got;
        bytes_received_ += *got;
        if (done < enough && g_get_monotonic_time() > deadline_us)
            return fail(ErrorCode::timeout, "the server of the original is too slow", "bytes only trickle");
    }
    return {};
}

Status RangeReader::open(std::uint64_t position, const Pull &pull)
{
    drop();
    ++requests_;
    RangeRequest request{"http://" + address_.hosts[host_] + address_.path, ticket(), etag_, position,
                         window_end(position / options_.block_size_bytes, pull.wanted_bytes) - 1};
    GST_DEBUG("asking %s for bytes %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
              address_.hosts[host_].c_str(), guint64{request.first}, guint64{request.last});
    auto answer = stream_.open(request, options_.read_timeout_ms, pull.interrupt);
    if (!answer)
        return fail(std::move(answer.error()));
    return accept(*answer);
}

// Holds the answer against what earlier answers said.
Status RangeReader::accept(const RangeAnswer &answer)
{
    if (auto size = known_size(); size && *size != answer.total_bytes)
        return fail(changed("its length is another"));
    if (etag_.empty())
        etag_ = answer.etag;
    size_bytes_ = static_cast<std::int64_t>(answer.total_bytes);
    return {};
}

// Where the next request ends: it doubles with the run of blocks that were just read before it, so that a
// jump costs one block, and stops at what is in memory already.
std::uint64_t RangeReader::window_end(std::uint64_t index, std::size_t wanted_bytes) const
{
    std::size_t block = options_.block_size_bytes;
    std::size_t most = std::max<std::size_t>(1, options_.read_ahead_bytes / block);
    std::size_t run = 0;
    while (run < most && run < index && cache_.contains(index - run - 1))
        ++run;
    std::size_t needed = (std::min(wanted_bytes, max_window_bytes) + block - 1) / block;
    std::size_t blocks = std::max({std::size_t{1}, run, needed});
    std::size_t length = 1;
    while (length < blocks && !cache_.contains(index + length))
        ++length;
    std::uint64_t end = (index + length) * block;
    return std::min(end, known_size().value_or(end));
}

void RangeReader::drop()
{
    if (stream_.is_open())
        ++dropped_;
    stream_.drop();
}

Result<std::uint64_t> RangeReader::size()
{
    if (auto known = known_size())
        return *known;
    std::uint8_t first = 0;
    if (auto got = read(0, std::span(&first, 1)); !got)
        return fail(std::move(got.error()));
    if (auto known = known_size())
        return *known;
    return fail(ErrorCode::internal, "the length of the original is not known");
}

std::optional<std::uint64_t> RangeReader::known_size() const
{
    std::int64_t size_bytes = size_bytes_;
    if (size_bytes < 0)
        return std::nullopt;
    return static_cast<std::uint64_t>(size_bytes);
}

void RangeReader::interrupt()
{
    std::lock_guard lock(state_);
    g_cancellable_cancel(interrupt_.get());
}

// A fresh one instead of g_cancellable_reset(), which must not be called while somebody still waits on it.
void RangeReader::resume()
{
    std::lock_guard lock(state_);
    if (g_cancellable_is_cancelled(interrupt_.get()))
        interrupt_ = adopt(g_cancellable_new());
}

Owned<GCancellable> RangeReader::interruption()
{
    std::lock_guard lock(state_);
    return share(interrupt_.get());
}

void RangeReader::set_ticket(std::string ticket)
{
    std::lock_guard lock(state_);
    ticket_ = std::move(ticket);
}

std::string RangeReader::ticket()
{
    std::lock_guard lock(state_);
    return ticket_;
}

ReaderStats RangeReader::stats() const
{
    return {requests_,   retries_,    failovers_,    bytes_received_,
            bytes_read_, cache_hits_, cache_misses_, dropped_};
}

} // namespace butaca::source
