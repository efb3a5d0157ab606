// SPDX-License-Identifier: LGPL-2.1-or-later
// Three ways in (on a grid, pictures without, sound without), one way out: cut().
#include "plugins/mux/segmenter.h"

#include <algorithm>
#include <limits>
#include <string>

#include "plugins/mux/init_segment.h"

namespace butaca::mux {
namespace {

constexpr std::uint64_t most_held_bytes = std::uint64_t{1} << 30;
constexpr std::size_t most_held_samples = 1000000;
// Sound from containers with millisecond clocks wobbles; more than this is a hole.
constexpr std::uint32_t wobble_per_second = 500;

std::string at_tick(std::int64_t tick) { return " at tick " + std::to_string(tick); }

std::uint32_t flags_of(const Arrival &arrival)
{
    if (arrival.sync)
        return sync_flags;
    return arrival.disposable ? disposable_flags : difference_flags;
}

void prepend(Bytes &head, const Bytes &prefix) { head.insert(head.begin(), prefix.begin(), prefix.end()); }

// Where a segment ends whose last picture is at `last`. The next sync sample decides if it is about where the
// picture's own duration ends; if it is later, pictures that lead it may still come in between, so the
// duration decides.
std::optional<std::int64_t> segment_end(std::int64_t last, std::int64_t before_last,
                                        std::optional<std::int64_t> own_end,
                                        std::optional<std::int64_t> next_sync)
{
    if (own_end && *own_end <= last)
        own_end.reset();
    if (next_sync && *next_sync <= last)
        return std::nullopt;
    if (next_sync && (!own_end || *next_sync <= *own_end + (*own_end - last) / 2))
        return next_sync;
    if (own_end)
        return own_end;
    if (last > before_last)
        return last + (last - before_last);
    return std::nullopt;
}

} // namespace

Segmenter::Segmenter(const SegmenterOptions &options)
    : options_(options), sequence_number_(options.sequence_number)
{
}

bool Segmenter::at_border() const { return grid_ ? grid_->complete() : held_.empty() && !end_; }

std::int64_t Segmenter::shift_for(std::int64_t first_tick)
{
    if (!shift_)
        shift_ = options_.base_decode_time ? *options_.base_decode_time - first_tick : 0;
    return *shift_;
}

Status Segmenter::begin_grid(Grid grid)
{
    if (!at_border())
        return fail(ErrorCode::invalid_argument, "sample times were given in the middle of a segment");
    if (!end_ && options_.base_decode_time && *options_.base_decode_time != grid.start())
        return fail(ErrorCode::invalid_argument, "the sample times do not start at the base decode time");
    if (end_ && grid.start() < *end_)
        return fail(ErrorCode::invalid_argument,
                    "the sample times begin before the last segment ended" + at_tick(*end_));
    grid_ = std::move(grid);
    return {};
}

Status Segmenter::add(const Arrival &arrival)
{
    held_bytes_ += arrival.size_bytes;
    if (held_bytes_ > most_held_bytes || held_.size() + timed_.size() >= most_held_samples)
        return fail(ErrorCode::too_large, "a segment has more than 1 GiB or a million samples");
    if (arrival.size_bytes == 0)
        return fail(ErrorCode::invalid_argument, "a sample is empty");
    if (grid_)
        return add_on_grid(arrival);
    return is_video(options_.codec) ? add_picture(arrival) : add_sound(arrival);
}

Status Segmenter::add_on_grid(const Arrival &arrival)
{
    const bool video = is_video(options_.codec);
    if (video && !arrival.start)
        return fail(ErrorCode::invalid_argument, "a picture has no presentation time");
    if (grid_->placed() == 0 && !arrival.sync)
        return fail(ErrorCode::invalid_argument,
                    "the segment does not begin with a keyframe" + at_tick(grid_->start()));
    const auto time = video ? grid_->place(*arrival.start) : grid_->place_next();
    if (!time)
        return fail(time.error());
    accept(arrival, *time);
    cut(grid_->complete());
    return {};
}

Status Segmenter::add_picture(const Arrival &arrival)
{
    if (!arrival.start)
        return fail(ErrorCode::invalid_argument, "a picture has no presentation time");
    if (held_.empty() && !arrival.sync)
        return fail(ErrorCode::invalid_argument, "the stream does not begin with a keyframe");
    if (arrival.sync && !held_.empty()) {
        if (Status status = close_pictures(arrival.start); !status)
            return status;
    }
    held_.push_back(arrival);
    return {};
}

Status Segmenter::close_pictures(std::optional<std::int64_t> next_sync)
{
    std::vector<std::int64_t> times;
    times.reserve(held_.size() + 1);
    for (const Arrival &arrival : held_)
        times.push_back(*arrival.start);
    std::ranges::sort(times);
    const auto last =
        std::ranges::find(held_, times.back(), [](const Arrival &arrival) { return *arrival.start; });
    const auto end = segment_end(times.back(), times.size() > 1 ? times[times.size() - 2] : times.back(),
                                 last->end, next_sync);
    if (!end)
        return fail(ErrorCode::invalid_argument,
                    next_sync ? "a keyframe is not later than the pictures before it" + at_tick(*next_sync)
                              : "the only picture of a segment has no duration" + at_tick(times.back()));
    times.push_back(*end);
    const std::int64_t shift = shift_for(times.front());
    for (std::int64_t &time : times)
        time += shift;
    if (end_ && times.front() < *end_)
        return fail(ErrorCode::invalid_argument,
                    "a segment begins before the last one ended" + at_tick(times.front()));
    auto grid = Grid::from_times(std::move(times));
    if (!grid)
        return fail(std::move(grid.error()));
    for (const Arrival &arrival : held_) {
        const auto time = grid->place(*arrival.start + shift);
        if (!time)
            return fail(time.error());
        accept(arrival, *time);
    }
    held_.clear();
    cut(true);
    return {};
}

// Ends are rounded, not durations: each sample begins where the last one ended, and the sum cannot drift away
// from the clock that made the timestamps.
Status Segmenter::add_sound(const Arrival &arrival)
{
    if (!arrival.start || !arrival.end)
        return fail(ErrorCode::invalid_argument, "a sound sample has no time or no duration");
    const std::int64_t shift = shift_for(*arrival.start);
    const std::int64_t wobble = options_.timescale / wobble_per_second + 1;
    const std::int64_t start = end_.value_or(*arrival.start + shift);
    const std::int64_t distance = *arrival.start + shift - start;
    if (distance > wobble || distance < -wobble)
        return fail(ErrorCode::invalid_argument, "the sound has a hole or an overlap of " +
                                                     std::to_string(distance) + " ticks" + at_tick(start));
    const std::int64_t end = *arrival.end + shift;
    if (start < 0 || end <= start || end - start > std::numeric_limits<std::int32_t>::max())
        return fail(ErrorCode::invalid_argument, "a sound sample has no sane duration" + at_tick(start));
    accept(arrival, {start, static_cast<std::uint32_t>(end - start), 0});
    cut(false);
    return {};
}

Status Segmenter::finish()
{
    if (grid_ && !grid_->complete())
        return fail(ErrorCode::invalid_argument, "the stream ended with " + std::to_string(grid_->placed()) +
                                                     " of " + std::to_string(grid_->size()) +
                                                     " samples; the first that is missing is" +
                                                     at_tick(grid_->first_missing()));
    if (!held_.empty())
        return close_pictures(std::nullopt);
    if (!grid_)
        cut(true);
    return {};
}

void Segmenter::accept(const Arrival &arrival, const SampleTime &time)
{
    if (timed_.empty())
        timed_start_ = time.decode;
    const auto offset = time.composition_offset + static_cast<std::int32_t>(options_.composition_shift);
    timed_.push_back({arrival.size_bytes, time.duration, offset, flags_of(arrival)});
    end_ = time.decode + time.duration;
}

void Segmenter::cut(bool complete)
{
    while (!timed_.empty()) {
        std::size_t wanted = options_.chunk_samples;
        if (!segment_open_ && options_.first_chunk_samples != 0)
            wanted = options_.first_chunk_samples;
        if (wanted == 0 || wanted > timed_.size()) {
            if (!complete)
                return;
            wanted = timed_.size();
        }
        cut_chunk(wanted, complete && wanted == timed_.size());
    }
    if (complete)
        flush_segment();
}

void Segmenter::cut_chunk(std::size_t count, bool last)
{
    Chunk chunk;
    const auto samples = std::span(timed_).first(count);
    chunk.head = fragment_head({sequence_number_++, static_cast<std::uint64_t>(timed_start_),
                                default_sample_flags(options_.codec), samples});
    chunk.samples = count;
    chunk.start = timed_start_;
    chunk.first = !segment_open_;
    chunk.last = last;
    chunk.starts_with_sync = samples.front().flags == sync_flags;
    const std::int32_t first_offset = samples.front().composition_offset;
    for (const FragmentSample &sample : samples) {
        chunk.payload_bytes += sample.size_bytes;
        timed_start_ += sample.duration;
    }
    chunk.end = timed_start_;
    timed_.erase(timed_.begin(), timed_.begin() + static_cast<std::ptrdiff_t>(count));
    if (chunk.first)
        starts_in_order_ = first_offset == static_cast<std::int32_t>(options_.composition_shift);
    segment_open_ = true;
    if (options_.write_sidx) {
        withheld_.push_back(std::move(chunk));
        return;
    }
    held_bytes_ -= chunk.payload_bytes;
    if (chunk.first && options_.write_styp)
        prepend(chunk.head, segment_type(is_video(options_.codec), false));
    ready_.push_back(std::move(chunk));
}

void Segmenter::flush_segment()
{
    segment_open_ = false;
    if (withheld_.empty())
        return;
    SegmentIndex index{options_.timescale,
                       static_cast<std::uint64_t>(withheld_.front().start) + options_.composition_shift, 0, 0,
                       starts_in_order_};
    for (const Chunk &chunk : withheld_) {
        index.duration += static_cast<std::uint32_t>(chunk.end - chunk.start);
        index.size_bytes += static_cast<std::uint32_t>(chunk.head.size()) + chunk.payload_bytes;
        held_bytes_ -= chunk.payload_bytes;
    }
    prepend(withheld_.front().head, segment_index(index));
    if (options_.write_styp)
        prepend(withheld_.front().head, segment_type(is_video(options_.codec), true));
    for (Chunk &chunk : withheld_)
        ready_.push_back(std::move(chunk));
    withheld_.clear();
}

std::optional<Chunk> Segmenter::take()
{
    if (ready_.empty())
        return std::nullopt;
    Chunk chunk = std::move(ready_.front());
    ready_.pop_front();
    return chunk;
}

} // namespace butaca::mux
