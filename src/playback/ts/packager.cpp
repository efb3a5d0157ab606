// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/ts/packager.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "src/playback/ts/box_reader.h"

namespace butaca::playback::ts {

namespace {

constexpr std::uint64_t clock_hz = 90000;
constexpr std::size_t adts_bytes = 7;
constexpr unsigned nal_type_mask = 0x1f;
constexpr unsigned delimiter = 9;

// What a PES packet costs beyond its payload: header, clock, and half a packet of stuffing.
constexpr double unit_cost_bytes = 16 + 8 + 92;
// Continuity counters have four bits (ISO/IEC 13818-1, 2.4.3.3); a segment ends where they begin anew.
constexpr unsigned counters = 16;

tl::unexpected<Error> broken(const char *what)
{
    return fail(ErrorCode::internal, "the segment cannot be packed for this player", what);
}

// The fixed and variable header, ISO/IEC 13818-7, 6.2, without CRC, one raw data block.
void append_adts(std::string &out, const Track &track, std::size_t frame_bytes)
{
    const std::size_t length = frame_bytes + adts_bytes;
    const auto put = [&out](std::size_t byte) { out += static_cast<char>(byte & 0xff); };
    put(0xff);
    put(0xf1); // MPEG-4, no CRC
    put((track.object_type - 1) << 6 | track.rate_index << 2 | track.channels >> 2);
    put((track.channels & 3) << 6 | length >> 11);
    put(length >> 3);
    put((length & 7) << 5 | 0x1f); // buffer fullness: variable rate
    put(0xfc);
}

} // namespace

Packager::Packager(Track track, std::int64_t number)
    : track_(std::move(track)), reader_(track_),
      writer_({track_.codec == Codec::h264, static_cast<std::uint64_t>(number)}), holds_head_(number == 0)
{
}

Result<Packager> Packager::make(ByteView init, std::int64_t number)
{
    auto track = read_init(init);
    if (!track)
        return fail(track.error());
    // ADTS has two bits for the type, no field for another rate, three bits for the channels.
    const bool fits_adts = track->codec == Codec::aac && track->object_type == 2 && track->rate_index <= 12 &&
                           track->channels >= 1 && track->channels <= 7;
    if (track->codec != Codec::h264 && !fits_adts)
        return fail(ErrorCode::unsupported, "this format cannot be sent in a transport stream");
    return Packager(std::move(*track), number);
}

Result<std::string> Packager::feed(ByteView piece)
{
    if (auto fed = reader_.feed(piece, [this](const Sample &sample) { return take(sample); }); !fed)
        return fail(fed.error());
    return writer_.take();
}

Result<std::string> Packager::finish()
{
    if (auto whole = reader_.finish(); !whole)
        return fail(whole.error());
    if (!head_.empty())
        add_head(); // a title of so few pictures that all are decoded early
    writer_.finish();
    return writer_.take();
}

Status Packager::take(const Sample &sample)
{
    return track_.codec == Codec::h264 ? take_picture(sample) : take_sound(sample);
}

Status Packager::take_picture(const Sample &sample)
{
    constexpr std::size_t most_early = 64;
    auto payload = access_unit(sample);
    if (!payload)
        return fail(payload.error());
    Unit unit{time_of(sample.show_time), 0, 0, sample.sync, std::move(*payload)};
    if (holds_head_ && head_.empty())
        start_ = sample.show_time;
    else if (holds_head_)
        second_ = std::min(second_, sample.show_time);
    // Whatever is decoded when the second picture is shown has its true time.
    if (holds_head_ && sample.decode_time >= second_)
        add_head();
    if (!holds_head_)
        add(std::move(unit), time_of(sample.decode_time));
    else if (head_.size() == most_early)
        return broken("the pictures are decoded too early");
    else
        head_.push_back(std::move(unit));
    return {};
}

// The NAL units of a sample in the form of Annex B, as ISO/IEC 13818-1, 2.14.1 wants them: a delimiter first,
// and the parameter sets where decoding may start.
Result<std::string> Packager::access_unit(const Sample &sample) const
{
    constexpr std::string_view start_code("\0\0\0\1", 4);
    std::string out;
    out.reserve(sample.bytes.size() + track_.parameter_sets.size() + 64);
    out.append(start_code).append("\x09\xf0");
    if (sample.sync)
        out += track_.parameter_sets;
    BoxReader reader(sample.bytes);
    while (reader.left() > 0) {
        std::size_t length = 0;
        for (unsigned i = 0; i < track_.length_bytes; i++)
            length = length << 8 | reader.u8();
        const ByteView nal = reader.bytes(length);
        if (!reader.good())
            return broken("a NAL unit is longer than its sample");
        if (!nal.empty() && (nal[0] & nal_type_mask) != delimiter)
            out.append(start_code).append(reinterpret_cast<const char *>(nal.data()), nal.size());
    }
    return out;
}

// Gives the first pictures their decode times: a frame apart, the last of them when the first one is shown.
void Packager::add_head()
{
    const std::uint64_t early = head_.empty() ? 0 : head_.size() - 1;
    const std::uint64_t start = time_of(start_);
    std::uint64_t step = 0;
    if (early > 0 && second_ > start_)
        step = std::min(time_of(second_) - start, (zero_time - lead_time) / early);
    for (std::size_t i = 0; i < head_.size(); i++) {
        const std::uint64_t time = start - (early - i) * step;
        // The first is what players count from, in microseconds: rounded up, it would lie after itself.
        constexpr std::uint64_t whole_microseconds = 9;
        add(std::move(head_[i]), i == 0 ? time - time % whole_microseconds : time);
    }
    head_.clear();
    holds_head_ = false;
}

Status Packager::take_sound(const Sample &sample)
{
    constexpr std::size_t most_frame_bytes = 0x1fff - adts_bytes;
    if (sample.bytes.size() > most_frame_bytes)
        return broken("a frame of sound is too long for ADTS");
    Unit unit{time_of(sample.show_time), 0, 0, true, {}};
    append_adts(unit.payload, track_, sample.bytes.size());
    unit.payload.append(reinterpret_cast<const char *>(sample.bytes.data()), sample.bytes.size());
    const std::uint64_t time = unit.show_time;
    add(std::move(unit), time);
    return {};
}

void Packager::add(Unit unit, std::uint64_t decode_time)
{
    unit.decode_time = decode_time;
    unit.clock = decode_time - lead_time;
    writer_.add(std::move(unit));
}

std::uint64_t Packager::time_of(std::int64_t ticks) const
{
    // SampleReader bounds ticks, so this does not overflow. Up: a segment must not begin before the durations
    // of those before it add up to.
    const auto value = static_cast<std::uint64_t>(ticks);
    return zero_time + (value * clock_hz + track_.timescale - 1) / track_.timescale;
}

Bandwidth bandwidth(const Bandwidth &of_cmaf, Codec codec, double frames_per_s, double segments_per_s)
{
    const double frame_bytes = unit_cost_bytes + (codec == Codec::aac ? double{adts_bytes} : 0);
    // Its tables, and on average half of what fills its last round of packets up.
    const double segment_bytes = (2 + counters / 2.0) * static_cast<double>(packet_bytes);
    const double packets = static_cast<double>(packet_bytes) / static_cast<double>(packet_bytes - 4);
    const auto more = [&](std::uint64_t bps) {
        // However small a frame is, it takes a packet.
        const double least_bps = frames_per_s * static_cast<double>(packet_bytes - 4) * 8;
        const double frames_bps =
            std::max(static_cast<double>(bps) + frames_per_s * frame_bytes * 8, least_bps);
        return static_cast<std::uint64_t>(
            std::ceil(frames_bps * packets + segments_per_s * segment_bytes * 8));
    };
    return {more(of_cmaf.average_bps), more(of_cmaf.peak_bps), false};
}

} // namespace butaca::playback::ts
