// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/sample_entry.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include <glib.h>

namespace butaca::client::check {

namespace {

bool begins_with_any(std::string_view text, std::initializer_list<std::string_view> starts)
{
    return std::any_of(starts.begin(), starts.end(),
                       [&](std::string_view one) { return text.starts_with(one); });
}

template <typename... Values> std::string print(const char *form, Values... values)
{
    std::array<char, 96> text{};
    g_snprintf(text.data(), text.size(), form, values...);
    return text.data();
}

void read_avc(Format &format, std::string_view config)
{
    ByteReader reader(config);
    reader.skip(1);
    const std::string_view profile = reader.bytes(3);
    format.nal_length_bytes = (reader.u8() & 3U) + 1;
    if (!reader.ok())
        return;
    format.profile = static_cast<unsigned char>(profile[0]);
    format.level = static_cast<unsigned char>(profile[2]);
    format.codecs = avc_codecs(format.entry, profile);
}

// ISO/IEC 14496-15, annex E.3.
void read_hevc(Format &format, std::string_view config)
{
    ByteReader reader(config);
    reader.skip(1);
    const unsigned profile = reader.u8();
    const std::uint32_t compatible = reader.u32();
    const std::string_view constraints = reader.bytes(6);
    format.level = reader.u8();
    reader.skip(8);
    format.nal_length_bytes = (reader.u8() & 3U) + 1;
    if (!reader.ok())
        return;
    format.profile = profile & 31U;
    std::uint32_t reversed = 0;
    for (unsigned bit = 0; bit < 32; bit++)
        reversed |= (compatible >> bit & 1U) << (31 - bit);
    const char *space = std::array{"", "A", "B", "C"}[profile >> 6U];
    format.codecs = print("%s.%s%u.%X.%c%u", format.entry.c_str(), space, format.profile, reversed,
                          (profile & 32U) != 0 ? 'H' : 'L', format.level);
    for (char c : constraints.substr(0, constraints.find_last_not_of('\0') + 1))
        format.codecs += print(".%X", static_cast<unsigned char>(c));
}

void read_vp9(Format &format, std::string_view config)
{
    ByteReader reader(config);
    reader.skip(4);
    const unsigned profile = reader.u8();
    const unsigned level = reader.u8();
    const unsigned depth = reader.u8() >> 4U;
    if (reader.ok())
        format.codecs = print("%s.%02u.%02u.%02u", format.entry.c_str(), profile, level, depth);
}

void read_av1(Format &format, std::string_view config)
{
    ByteReader reader(config);
    reader.skip(1);
    const unsigned first = reader.u8();
    const unsigned second = reader.u8();
    if (!reader.ok())
        return;
    const bool high = (second & 0x40U) != 0;
    const bool twelve = (second & 0x20U) != 0;
    format.codecs = print("%s.%u.%02u%c.%02u", format.entry.c_str(), first >> 5U, first & 31U,
                          (second & 0x80U) != 0 ? 'H' : 'M', high ? (twelve ? 12U : 10U) : 8U);
}

// The length of a descriptor (ISO/IEC 14496-1, 8.3.3): seven bits a byte.
std::size_t descriptor_size(ByteReader &reader)
{
    std::size_t size = 0;
    for (int i = 0; i < 4; i++) {
        const unsigned byte = reader.u8();
        size = size << 7U | (byte & 127U);
        if ((byte & 128U) == 0)
            break;
    }
    return size;
}

void read_esds(Format &format, std::string_view config)
{
    ByteReader reader(config);
    reader.skip(4);
    if (reader.u8() != 3)
        return;
    descriptor_size(reader);
    reader.skip(2);
    const unsigned flags = reader.u8();
    reader.skip((flags & 0x80U) != 0 ? 2 : 0);
    if ((flags & 0x40U) != 0)
        reader.skip(reader.u8());
    reader.skip((flags & 0x20U) != 0 ? 2 : 0);
    if (reader.u8() != 4)
        return;
    descriptor_size(reader);
    const unsigned object = reader.u8();
    reader.skip(12);
    format.codecs = print("%s.%02X", format.entry.c_str(), object);
    if (object != 0x40 || reader.u8() != 5)
        return;
    descriptor_size(reader);
    const unsigned bits = reader.u16();
    unsigned type = bits >> 11U;
    if (type == 31)
        type = 32 + (bits >> 5U & 63U);
    if (reader.ok())
        format.codecs = print("%s.40.%u", format.entry.c_str(), type);
}

void read_config(Format &format, const Boxes &inside)
{
    for (const Box &box : inside.all) {
        if (box.type == "avcC")
            read_avc(format, box.payload);
        else if (box.type == "hvcC")
            read_hevc(format, box.payload);
        else if (box.type == "vpcC")
            read_vp9(format, box.payload);
        else if (box.type == "av1C")
            read_av1(format, box.payload);
        else if (box.type == "esds")
            read_esds(format, box.payload);
    }
}

} // namespace

Format read_sample_description(const Box &stsd)
{
    Format format;
    constexpr std::size_t head = 8; // version, flags, count
    if (stsd.payload.size() <= head)
        return format;
    const Boxes entries = split_boxes(stsd.payload.substr(head), stsd.payload_at + head);
    if (entries.all.empty())
        return format;
    const Box &entry = entries.all.front();
    format.entry = format.codecs = entry.type;
    ByteReader reader(entry.payload);
    constexpr std::size_t picture_bytes = 78;
    constexpr std::size_t sound_bytes = 28;
    const bool picture = is_picture_codec(entry.type) || entry.type == "encv";
    if (picture) {
        reader.skip(24);
        format.width = reader.u16();
        format.height = reader.u16();
        reader.skip(picture_bytes - 28);
    } else {
        reader.skip(16);
        format.channels = reader.u16();
        reader.skip(sound_bytes - 18);
    }
    if (!reader.ok())
        return format;
    const Boxes inside =
        split_boxes(reader.rest(), entry.payload_at + (picture ? picture_bytes : sound_bytes));
    read_config(format, inside);
    if (const Box *shape = inside.find("pasp")) {
        ByteReader sides(shape->payload);
        const unsigned across = sides.u32();
        const unsigned down = sides.u32();
        if (sides.ok() && across > 0 && down > 0)
            format.pixel_aspect = static_cast<double>(across) / down;
    }
    return format;
}

bool is_size_of(const Format &format, unsigned width, unsigned height)
{
    constexpr double slack_px = 2.01; // sides are rounded to even numbers
    const auto near = [](double one, double other) { return std::abs(one - other) < slack_px; };
    return (width == format.width && height == format.height) ||
           (height == format.height && near(width, format.width * format.pixel_aspect)) ||
           (width == format.width && near(height, format.height / format.pixel_aspect));
}

std::string avc_codecs(std::string_view entry, std::string_view profile_bytes)
{
    std::string out(entry);
    out += '.';
    for (char c : profile_bytes)
        out += print("%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    return out;
}

bool same_codecs(std::string_view one, std::string_view other)
{
    const auto normal = [](std::string_view text) {
        std::string out(text);
        std::transform(out.begin(), out.end(), out.begin(), g_ascii_tolower);
        if (begins_with_any(out, {"vp09", "av01"})) {
            // Colours and the like may follow; four parts are what everybody writes.
            std::size_t end = 0;
            for (int part = 0; part < 4 && end != out.npos; part++)
                end = out.find('.', end + (part > 0 ? 1 : 0));
            out.resize(std::min(end, out.size()));
        }
        while (begins_with_any(out, {"hvc1", "hev1"}) && out.ends_with(".0"))
            out.resize(out.size() - 2);
        // MP3 in MP4 goes by two names, and so does what is not wrapped in MP4 at all.
        if (out == "mp4a.6b" || out == "mp4a.69" || out == "mp3" || out == ".mp3")
            out = "mp4a.40.34";
        return out;
    };
    return normal(one) == normal(other);
}

bool is_h264(std::string_view codecs) { return begins_with_any(codecs, {"avc1", "avc3"}); }
bool is_hevc(std::string_view codecs) { return begins_with_any(codecs, {"hvc1", "hev1", "dvh1", "dvhe"}); }

bool is_picture_codec(std::string_view codecs)
{
    return is_h264(codecs) || is_hevc(codecs) ||
           begins_with_any(codecs, {"av01", "vp09", "vp08", "mp4v", "mjpg", "jpeg", "dav1", "vvc1", "mp2v"});
}

} // namespace butaca::client::check
