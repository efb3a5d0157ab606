// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/av1.h"

namespace butaca::origin {

namespace {

using Bytes = std::span<const std::uint8_t>;

// obu_type (6.2.2).
constexpr unsigned sequence_header = 1;
constexpr unsigned frame_header = 3;
constexpr unsigned whole_frame = 6;

// Reads bits; beyond the end all are 0, and it says so.
class Bits {
public:
    explicit Bits(Bytes bytes) : bytes_(bytes) {}
    std::uint32_t take(unsigned count)
    {
        std::uint32_t value = 0;
        for (; count > 0; count--, at_++)
            value = value << 1 | (at_ / 8 < bytes_.size() ? bytes_[at_ / 8] >> (7 - at_ % 8) & 1U : 0U);
        return value;
    }
    bool flag() { return take(1) != 0; }
    void skip(unsigned count) { at_ += count; }
    // uvlc() (4.10.3).
    void skip_uvlc()
    {
        unsigned zeros = 0;
        while (whole() && !flag())
            zeros++;
        skip(zeros < 32 ? zeros : 0);
    }
    bool whole() const { return at_ <= bytes_.size() * 8; }

private:
    Bytes bytes_;
    std::size_t at_ = 0;
};

// Calls `visit(type, payload)` for each OBU until it returns true; false where none did, or the bytes are cut
// otherwise.
template <typename Visit> bool each_obu(Bytes unit, const Visit &visit)
{
    for (std::size_t at = 0; at < unit.size();) {
        const std::uint8_t head = unit[at++];
        at += head & 0x04U ? 1 : 0;
        if ((head & 0x80U) || at > unit.size())
            return false;
        // Without a size it goes to the end.
        const bool has_size = head & 0x02U;
        std::uint64_t size = has_size ? 0 : unit.size() - at;
        bool more = has_size;
        for (unsigned i = 0; i < 8 && more; i++) {
            if (at >= unit.size())
                return false;
            size |= std::uint64_t{unit[at] & 0x7fU} << (i * 7);
            more = unit[at++] & 0x80U;
        }
        if (more || size > unit.size() - at)
            return false;
        if (visit(head >> 3 & 0xfU, unit.subspan(at, static_cast<std::size_t>(size))))
            return true;
        at += static_cast<std::size_t>(size);
    }
    return false;
}

// What av1C says of an operating point and of colours.
struct Sequence {
    unsigned profile = 0;
    unsigned level = 0;
    bool high_tier = false;
    bool high_depth = false;
    bool twelve_bits = false;
    bool mono = false;
    bool across = true; // chroma is subsampled so
    bool down = true;
    unsigned sample_position = 0;
};

// Operating points of sequence_header_obu() (5.5.1); the first one counts.
void read_operating_points(Bits &bits, Sequence &sequence)
{
    bool decoder_model = false;
    unsigned delay_bits = 0;
    if (bits.flag()) { // timing_info()
        bits.skip(64);
        if (bits.flag())
            bits.skip_uvlc();
        decoder_model = bits.flag();
        if (decoder_model) {
            delay_bits = bits.take(5) + 1;
            bits.skip(32 + 5 + 5);
        }
    }
    const bool display_delay = bits.flag();
    const unsigned points = bits.take(5) + 1;
    for (unsigned i = 0; i < points; i++) {
        bits.skip(12);
        const unsigned level = bits.take(5);
        const bool high_tier = level > 7 && bits.flag();
        if (decoder_model && bits.flag())
            bits.skip(2 * delay_bits + 1);
        if (display_delay && bits.flag())
            bits.skip(4);
        if (i == 0) {
            sequence.level = level;
            sequence.high_tier = high_tier;
        }
    }
}

// The tools between the frame's size and the colours.
void skip_tools(Bits &bits, bool reduced)
{
    const unsigned width_bits = bits.take(4) + 1;
    const unsigned height_bits = bits.take(4) + 1;
    bits.skip(width_bits + height_bits);
    if (!reduced && bits.flag())
        bits.skip(4 + 3);
    bits.skip(3);
    if (!reduced) {
        bits.skip(4);
        const bool order_hint = bits.flag();
        if (order_hint)
            bits.skip(2);
        constexpr unsigned select = 2;
        const unsigned screen_content = bits.flag() ? select : bits.take(1);
        if (screen_content > 0 && !bits.flag())
            bits.skip(1);
        if (order_hint)
            bits.skip(3);
    }
    bits.skip(3);
}

// color_config() (5.5.2).
void read_colours(Bits &bits, Sequence &sequence)
{
    sequence.high_depth = bits.flag();
    sequence.twelve_bits = sequence.profile == 2 && sequence.high_depth && bits.flag();
    sequence.mono = sequence.profile != 1 && bits.flag();
    std::uint32_t primaries = 2;
    std::uint32_t transfer = 2;
    std::uint32_t matrix = 2;
    if (bits.flag()) {
        primaries = bits.take(8);
        transfer = bits.take(8);
        matrix = bits.take(8);
    }
    if (sequence.mono)
        return;
    if (primaries == 1 && transfer == 13 && matrix == 0) {
        sequence.across = sequence.down = false;
        return;
    }
    bits.skip(1); // color_range
    if (sequence.profile == 1)
        sequence.across = sequence.down = false;
    if (sequence.profile == 2) {
        sequence.across = !sequence.twelve_bits || bits.flag();
        sequence.down = sequence.twelve_bits && sequence.across && bits.flag();
    }
    if (sequence.across && sequence.down)
        sequence.sample_position = bits.take(2);
}

std::optional<Sequence> read_sequence(Bytes header)
{
    Bits bits(header);
    Sequence sequence;
    sequence.profile = bits.take(3);
    bits.skip(1);
    const bool reduced = bits.flag();
    if (reduced)
        sequence.level = bits.take(5);
    else
        read_operating_points(bits, sequence);
    skip_tools(bits, reduced);
    read_colours(bits, sequence);
    return bits.whole() && sequence.profile <= 2 ? std::optional(sequence) : std::nullopt;
}

} // namespace

std::optional<std::vector<std::uint8_t>> av1_configuration(Bytes unit)
{
    std::optional<Sequence> found;
    each_obu(unit, [&](unsigned type, Bytes payload) {
        if (type == sequence_header)
            found = read_sequence(payload);
        return type == sequence_header;
    });
    if (!found)
        return std::nullopt;
    const auto bit = [](bool value, unsigned place) { return value ? 1U << place : 0U; };
    const unsigned shape = bit(found->high_tier, 7) | bit(found->high_depth, 6) | bit(found->twelve_bits, 5) |
                           bit(found->mono, 4) | bit(found->across, 3) | bit(found->down, 2) |
                           found->sample_position;
    constexpr std::uint8_t marker_and_version = 0x81;
    return std::vector<std::uint8_t>{marker_and_version,
                                     static_cast<std::uint8_t>(found->profile << 5 | found->level),
                                     static_cast<std::uint8_t>(shape), 0};
}

bool av1_starts_alone(Bytes unit)
{
    bool headed = false;
    bool alone = false;
    each_obu(unit, [&](unsigned type, Bytes payload) {
        headed = headed || type == sequence_header;
        if (type != frame_header && type != whole_frame)
            return false;
        // show_existing_frame, frame_type (0: key frame), show_frame (5.9.2).
        alone = headed && !payload.empty() && (payload[0] & 0xf0U) == 0x10U;
        return true;
    });
    return alone;
}

} // namespace butaca::origin
