// SPDX-License-Identifier: LGPL-2.1-or-later
// The binary form of the packet index. Times ascend nearly evenly, so their second differences are almost all
// zero and cost one byte each.
#include "src/media/index.h"

#include <limits>

#include "src/media/wire.h"

namespace butaca::media {

namespace {

constexpr std::string_view magic = "BTIX3\n";
// Differences are taken modulo 2^64, so that no pair of values can overflow; reading adds them the same way.
template <typename T> void put_column(std::string &out, const std::vector<T> &column)
{
    put_unsigned(out, column.size());
    std::uint64_t previous = 0;
    std::uint64_t step = 0;
    for (T value : column) {
        std::uint64_t now = static_cast<std::uint64_t>(value);
        put_signed(out, static_cast<std::int64_t>(now - previous - step));
        step = now - previous;
        previous = now;
    }
}

// Sizes and positions of keyframes do not run evenly: plain first differences.
template <typename T> void put_steps(std::string &out, const std::vector<T> &column)
{
    put_unsigned(out, column.size());
    std::uint64_t previous = 0;
    for (T value : column) {
        put_signed(out, static_cast<std::int64_t>(static_cast<std::uint64_t>(value) - previous));
        previous = static_cast<std::uint64_t>(value);
    }
}

// Adds columns to what the wire form has.
class Reader : public WireReader {
public:
    using WireReader::WireReader;

    template <typename T> void column(std::vector<T> &into) { read_column(into, true); }
    template <typename T> void steps(std::vector<T> &into) { read_column(into, false); }

private:
    template <typename T> void read_column(std::vector<T> &into, bool second_differences)
    {
        std::size_t n = count();
        into.reserve(n);
        std::uint64_t previous = 0;
        std::uint64_t step = 0;
        for (std::size_t i = 0; i < n && good(); i++) {
            std::uint64_t difference = static_cast<std::uint64_t>(signed_number());
            step = second_differences ? step + difference : difference;
            previous += step;
            if constexpr (sizeof(T) < sizeof(previous)) {
                if (previous > std::numeric_limits<T>::max())
                    broken();
            }
            into.push_back(static_cast<T>(previous));
        }
    }
};

bool ascending(const std::vector<std::uint32_t> &positions, std::size_t below)
{
    for (std::size_t i = 0; i < positions.size(); i++)
        if (positions[i] >= below || (i > 0 && positions[i] <= positions[i - 1]))
            return false;
    return true;
}

// Times beyond this (about 29 years) are nobody's film, and keep all later arithmetic far from overflow.
constexpr std::int64_t time_limit_ns = std::int64_t{1} << 60;

bool times_hold(const std::vector<std::int64_t> &pts_ns, std::int64_t end_ns, bool strictly)
{
    for (std::size_t i = 0; i < pts_ns.size(); i++) {
        if (pts_ns[i] < -time_limit_ns || pts_ns[i] > time_limit_ns)
            return false;
        if (i > 0 && (strictly ? pts_ns[i] <= pts_ns[i - 1] : pts_ns[i] < pts_ns[i - 1]))
            return false;
    }
    return end_ns <= time_limit_ns && (pts_ns.empty() || end_ns >= pts_ns.front());
}

bool holds(const VideoPackets &video)
{
    return times_hold(video.pts_ns, video.end_ns, true) && video.size_bytes.size() == video.pts_ns.size() &&
           (video.pts_ns.empty() || video.end_ns > video.pts_ns.back()) &&
           ascending(video.keyframes, video.pts_ns.size()) &&
           ascending(video.clean_keyframes, video.pts_ns.size());
}

bool holds(const AudioPackets &audio)
{
    return times_hold(audio.pts_ns, audio.end_ns, false) && audio.size_bytes.size() == audio.pts_ns.size() &&
           (audio.offset.empty() || audio.offset.size() == audio.pts_ns.size()) &&
           audio.heard_from_ns >= -time_limit_ns && audio.heard_from_ns <= time_limit_ns &&
           audio.frame_samples <= 1U << 20;
}

} // namespace

std::string PacketIndex::serialize() const
{
    std::string out(magic);
    put_unsigned(out, video.size());
    for (const auto &track : video) {
        put_column(out, track.pts_ns);
        put_signed(out, track.end_ns);
        put_steps(out, track.size_bytes);
        put_steps(out, track.keyframes);
        put_steps(out, track.clean_keyframes);
        put_unsigned(out, track.reorder);
    }
    put_unsigned(out, audio.size());
    for (const auto &track : audio) {
        put_column(out, track.pts_ns);
        put_signed(out, track.heard_from_ns);
        put_signed(out, track.end_ns);
        put_steps(out, track.size_bytes);
        put_column(out, track.offset);
        put_unsigned(out, track.frame_samples);
        put_unsigned(out, (track.contiguous ? 1U : 0U) | (track.told_at_end ? 2U : 0U));
    }
    return seal_wire(std::move(out));
}

Result<PacketIndex> PacketIndex::parse(std::string_view bytes)
{
    auto malformed = [](const char *why) {
        return fail(ErrorCode::invalid_argument, "the packet index is damaged", why);
    };
    auto content = open_wire(bytes, magic);
    if (!content)
        return malformed("not an index of this version, or its checksum is wrong");

    PacketIndex index;
    Reader reader(*content);
    for (std::size_t n = reader.count(); n > 0 && reader.good(); n--) {
        VideoPackets &track = index.video.emplace_back();
        reader.column(track.pts_ns);
        track.end_ns = reader.signed_number();
        reader.steps(track.size_bytes);
        reader.steps(track.keyframes);
        reader.steps(track.clean_keyframes);
        track.reorder = static_cast<std::uint32_t>(reader.unsigned_number());
        if (!reader.good() || !holds(track))
            return malformed("video track");
    }
    for (std::size_t n = reader.count(); n > 0 && reader.good(); n--) {
        AudioPackets &track = index.audio.emplace_back();
        reader.column(track.pts_ns);
        track.heard_from_ns = reader.signed_number();
        track.end_ns = reader.signed_number();
        reader.steps(track.size_bytes);
        reader.column(track.offset);
        track.frame_samples = static_cast<unsigned>(reader.unsigned_number());
        std::uint64_t flags = reader.unsigned_number();
        track.contiguous = flags & 1;
        track.told_at_end = flags & 2;
        if (!reader.good() || !holds(track))
            return malformed("audio track");
    }
    if (!reader.done())
        return malformed("trailing or missing bytes");
    return index;
}

} // namespace butaca::media
