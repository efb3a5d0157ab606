// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/client/mp4_writer.h"

namespace butaca::test {

namespace {

std::string zeros(std::size_t count) { return std::string(count, '\0'); }

std::string track_box(const TrackWish &track)
{
    const std::string header = full_box("tkhd", 0, 7,
                                        zeros(8) + big_endian(track.id, 4) + zeros(4) +
                                            big_endian(track.header_duration, 4) + zeros(60));
    const std::string media = full_box("mdhd", 0, 0, zeros(8) + big_endian(track.timescale, 4) + zeros(8));
    const std::string handler = full_box("hdlr", 0, 0, zeros(4) + track.handler + zeros(13));
    const std::string description = full_box("stsd", 0, 0, big_endian(1, 4) + track.sample_entry);
    const std::string sizes = full_box("stsz", 0, 0, big_endian(1, 4) + big_endian(track.table_samples, 4));
    return box("trak", header + box("mdia", media + handler + box("minf", box("stbl", description + sizes))));
}

std::string picture_entry(std::string_view type, unsigned width, unsigned height, const std::string &config)
{
    return box(type, zeros(24) + big_endian(width, 2) + big_endian(height, 2) + zeros(50) + config);
}

std::string sound_entry(std::string_view type, unsigned channels, unsigned rate, const std::string &config)
{
    return box(type, zeros(16) + big_endian(channels, 2) + big_endian(16, 2) + zeros(4) +
                         big_endian(std::uint64_t{rate} << 16U, 4) + config);
}

std::string descriptor(unsigned tag, const std::string &payload)
{
    return big_endian(tag, 1) + big_endian(payload.size(), 1) + payload;
}

} // namespace

std::string big_endian(std::uint64_t value, unsigned size_bytes)
{
    std::string out;
    for (unsigned i = size_bytes; i > 0; i--)
        out += static_cast<char>(value >> (8 * (i - 1)) & 255U);
    return out;
}

std::string box(std::string_view type, const std::string &payload)
{
    return big_endian(payload.size() + 8, 4) + std::string(type) + payload;
}

std::string full_box(std::string_view type, unsigned version, std::uint32_t flags, const std::string &payload)
{
    return box(type, big_endian(version, 1) + big_endian(flags, 3) + payload);
}

std::string init_file(const std::vector<TrackWish> &tracks, bool with_ftyp)
{
    std::string inside =
        full_box("mvhd", 0, 0,
                 zeros(8) + big_endian(1000, 4) +
                     big_endian(tracks.empty() ? 0 : tracks.front().header_duration, 4) + zeros(80));
    std::string extends;
    for (const TrackWish &track : tracks) {
        inside += track_box(track);
        if (track.extends)
            extends += full_box("trex", 0, 0, big_endian(track.id, 4) + big_endian(1, 4) + zeros(12));
    }
    inside += box("mvex", extends);
    return (with_ftyp ? box("ftyp", "iso6" + zeros(4) + "iso6cmfc") : std::string()) + box("moov", inside);
}

std::string avc_entry(unsigned width, unsigned height, unsigned profile, unsigned level,
                      std::string_view type, const std::string &more)
{
    return picture_entry(type, width, height,
                         box("avcC", big_endian(1, 1) + big_endian(profile, 1) + zeros(1) +
                                         big_endian(level, 1) + "\xff\xe0" + zeros(1)) +
                             more);
}

std::string hevc_entry(unsigned width, unsigned height, unsigned profile, unsigned level,
                       std::string_view type)
{
    const std::string config = big_endian(1, 1) + big_endian(profile, 1) + big_endian(0x60000000, 4) +
                               "\x90" + zeros(5) + big_endian(level, 1) + zeros(8) + big_endian(3, 1) +
                               zeros(1);
    return picture_entry(type, width, height, box("hvcC", config));
}

std::string vp9_entry(unsigned width, unsigned height)
{
    return picture_entry("vp09", width, height,
                         full_box("vpcC", 1, 0, std::string("\0\x1f\x80", 3) + zeros(5)));
}

std::string aac_entry(unsigned rate, unsigned object_type)
{
    const std::string specific = descriptor(5, big_endian(object_type << 11U | 3U << 7U | 2U << 3U, 2));
    const std::string decoder = descriptor(4, std::string("\x40\x15") + zeros(11) + specific);
    return sound_entry("mp4a", 2, rate,
                       full_box("esds", 0, 0, descriptor(3, zeros(3) + decoder + descriptor(6, "\2"))));
}

std::string opus_entry() { return sound_entry("Opus", 2, 48000, box("dOps", zeros(11))); }

std::string fragment(const FragmentWish &wish)
{
    std::string runs;
    std::string data;
    for (const SampleWish &sample : wish.samples) {
        runs += big_endian(sample.duration, 4) + big_endian(sample.bytes.size(), 4) +
                big_endian(sample.sync ? 0x2000000 : 0x1010000, 4) +
                big_endian(static_cast<std::uint32_t>(sample.offset), 4);
        data += sample.bytes;
    }
    const auto moof = [&](std::uint32_t data_offset) {
        const std::string header = full_box("tfhd", 0, 0x20000, big_endian(wish.track, 4));
        const std::string time =
            wish.with_tfdt ? full_box("tfdt", 1, 0, big_endian(wish.tfdt, 8)) : std::string();
        const std::string run = full_box(
            "trun", 1, 0xf01, big_endian(wish.samples.size(), 4) + big_endian(data_offset, 4) + runs);
        return box("moof", full_box("mfhd", 0, 0, big_endian(1, 4)) + box("traf", header + time + run));
    };
    const auto data_offset =
        static_cast<std::uint32_t>(static_cast<std::int64_t>(moof(0).size()) + 8 + wish.data_shift);
    return moof(data_offset) + (wish.with_mdat ? box("mdat", data) : std::string());
}

std::string avc_sample(unsigned nal_type, std::size_t size_bytes)
{
    return big_endian(size_bytes - 4, 4) + big_endian(nal_type, 1) + std::string(size_bytes - 5, 'x');
}

} // namespace butaca::test
