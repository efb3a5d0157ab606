// SPDX-License-Identifier: LGPL-2.1-or-later
// Sample entries of all codecs. btrt is left out on purpose: a bit rate would be a property of the bytes to
// come, and one init segment has to fit every segment of a rendition, in whatever order they are made.
#include "plugins/mux/sample_entry.h"

#include <algorithm>
#include <string_view>

namespace butaca::mux {
namespace {

struct CodecBoxes {
    Codec codec;
    std::string_view entry;
    std::string_view configuration;
    std::size_t least_bytes; // of the configuration
};

constexpr CodecBoxes codec_boxes[] = {
    {Codec::avc, "avc1", "avcC", 7},   {Codec::hevc, "hvc1", "hvcC", 23}, {Codec::vp9, "vp09", "vpcC", 8},
    {Codec::av1, "av01", "av1C", 4},   {Codec::aac, "mp4a", "esds", 2},   {Codec::mp3, "mp4a", "esds", 0},
    {Codec::opus, "Opus", "dOps", 11}, {Codec::flac, "fLaC", "dfLa", 38}, {Codec::ac3, "ac-3", "dac3", 3},
    {Codec::eac3, "ec-3", "dec3", 5},  {Codec::alac, "alac", "alac", 24},
};

const CodecBoxes &boxes_of(Codec codec)
{
    return *std::find_if(std::begin(codec_boxes), std::end(codec_boxes),
                         [codec](const CodecBoxes &boxes) { return boxes.codec == codec; });
}

// A configuration is a few parameter sets; this also keeps the one-byte-at-a-time lengths of esds small.
constexpr std::size_t most_configuration_bytes = 65536;
constexpr std::size_t most_audio_configuration_bytes = 2048;

// An MPEG-4 descriptor header (14496-1 8.3.3). Lengths always take four bytes, so that they need no second
// pass.
void descriptor(BoxWriter &out, std::uint8_t tag, std::size_t length)
{
    out.u8(tag);
    for (const unsigned shift : {21u, 14u, 7u})
        out.u8(static_cast<std::uint8_t>(0x80 | ((length >> shift) & 0x7f)));
    out.u8(static_cast<std::uint8_t>(length & 0x7f));
}

void write_esds(BoxWriter &out, const Track &track)
{
    constexpr std::size_t header = 5;
    const std::size_t specific = track.configuration.size();
    const bool mp3 = track.codec == Codec::mp3;
    const std::size_t decoder_config = 13 + (mp3 ? 0 : header + specific);
    const auto box = out.full_box("esds", 0, 0);
    descriptor(out, 0x03, 3 + header + decoder_config + header + 1);
    out.u16(0); // ES_ID: none inside a file
    out.u8(0);
    descriptor(out, 0x04, decoder_config);
    // MPEG-1 audio, its half sample rates in MPEG-2, MPEG-4 audio (ISO/IEC 14496-1, 7.2.6.6.2).
    out.u8(!mp3 ? 0x40 : track.sample_rate_hz < 32000 ? 0x69 : 0x6b);
    out.u8(0x15); // audio stream, not upstream, reserved bit set
    out.u24(0);   // decoder buffer, peak and average rate: unknown, see the top of the file
    out.u32(0);
    out.u32(0);
    if (!mp3) {
        descriptor(out, 0x05, specific);
        out.bytes(track.configuration);
    }
    descriptor(out, 0x06, 1);
    out.u8(0x02); // SLConfig: as in MP4 files
}

void write_configuration(BoxWriter &out, const Track &track)
{
    const std::string_view type = boxes_of(track.codec).configuration;
    if (track.codec == Codec::aac || track.codec == Codec::mp3) {
        write_esds(out, track);
    } else if (track.codec == Codec::flac || track.codec == Codec::alac) {
        const auto box = out.full_box(type, 0, 0);
        out.bytes(track.configuration);
    } else if (track.codec == Codec::vp9) {
        const auto box = out.full_box(type, 1, 0);
        out.bytes(track.configuration);
    } else {
        const auto box = out.box(type);
        out.bytes(track.configuration);
    }
}

void write_video_entry(BoxWriter &out, const Track &track)
{
    const auto entry = out.box(boxes_of(track.codec).entry);
    out.zeros(6);
    out.u16(1); // the only data reference
    out.zeros(16);
    out.u16(track.width);
    out.u16(track.height);
    out.u32(0x00480000); // 72 dpi, in both directions
    out.u32(0x00480000);
    out.u32(0);
    out.u16(1);    // one frame per sample
    out.zeros(32); // compressor name
    out.u16(0x18); // depth
    out.u16(0xffff);
    write_configuration(out, track);
    if (track.colour) {
        const auto colr = out.box("colr");
        out.four_cc("nclx");
        out.u16(track.colour->primaries);
        out.u16(track.colour->transfer);
        out.u16(track.colour->matrix);
        out.u8(track.colour->full_range ? 0x80 : 0);
    }
    if (track.aspect_width != track.aspect_height) {
        const auto pasp = out.box("pasp");
        out.u32(track.aspect_width);
        out.u32(track.aspect_height);
    }
}

// What is lossless has to say its own (FLAC in ISOBMFF, 3.3.1: Chromium refuses what differs from
// STREAMINFO).
std::uint16_t sample_bits(const Track &track)
{
    const Bytes &setup = track.configuration;
    if (track.codec == Codec::flac) // behind the block's head, sizes, rate and channels
        return static_cast<std::uint16_t>(((setup[16] & 1U) << 4 | setup[17] >> 4) + 1);
    return track.codec == Codec::alac ? setup[5] : 16;
}

void write_audio_entry(BoxWriter &out, const Track &track)
{
    // The field is 16.16 fixed point: higher rates are left to the codec's own box.
    const std::uint32_t rate_hz = track.codec == Codec::opus ? 48000 : track.sample_rate_hz;
    const auto entry = out.box(boxes_of(track.codec).entry);
    out.zeros(6);
    out.u16(1);
    out.zeros(8);
    out.u16(track.channels);
    out.u16(sample_bits(track));
    out.u32(0);
    out.u32(rate_hz <= 0xffff ? rate_hz << 16 : 0);
    write_configuration(out, track);
}

} // namespace

Status check_track(const Track &track)
{
    const std::size_t least = boxes_of(track.codec).least_bytes;
    const std::size_t most =
        track.codec == Codec::aac ? most_audio_configuration_bytes : most_configuration_bytes;
    const bool letters = track.language.size() == 3 && std::ranges::all_of(track.language, [](char letter) {
                             return letter >= 'a' && letter <= 'z';
                         });
    if (track.timescale == 0)
        return fail(ErrorCode::invalid_argument, "the track has no timescale");
    if (!letters)
        return fail(ErrorCode::invalid_argument, "the language is not three small letters");
    if (track.configuration.size() < least || track.configuration.size() > most)
        return fail(ErrorCode::invalid_argument, "the decoder configuration is missing or has no sane size");
    if (is_video(track.codec)) {
        if (track.width == 0 || track.height == 0)
            return fail(ErrorCode::invalid_argument, "the picture has no size");
        if (track.aspect_width == 0 || track.aspect_height == 0)
            return fail(ErrorCode::invalid_argument, "the pixel aspect ratio is not a ratio");
    } else if (track.channels == 0 || track.sample_rate_hz == 0) {
        return fail(ErrorCode::invalid_argument, "the sound has no channels or no sample rate");
    }
    return {};
}

void write_sample_entry(BoxWriter &out, const Track &track)
{
    if (is_video(track.codec))
        write_video_entry(out, track);
    else
        write_audio_entry(out, track);
}

Bytes opus_configuration(const OpusSetup &setup)
{
    BoxWriter out;
    out.u8(0);
    out.u8(setup.channels);
    out.u16(setup.pre_skip);
    out.u32(setup.input_rate_hz);
    out.u16(static_cast<std::uint16_t>(setup.output_gain));
    out.u8(setup.mapping_family);
    if (setup.mapping_family != 0) {
        out.u8(setup.streams);
        out.u8(setup.coupled);
        out.bytes(std::span(setup.mapping).first(setup.channels));
    }
    return out.take();
}

Bytes vp9_configuration(const Vp9Setup &setup)
{
    // Levels 1 to 6 by luma samples per picture (VP9 levels, "Max Luma Picture Size").
    static constexpr struct {
        std::uint64_t samples;
        std::uint8_t level;
    } levels[] = {{36864, 10},  {73728, 11},   {122880, 20},  {245760, 21},  {552960, 30},
                  {983040, 31}, {2228224, 40}, {8912896, 50}, {35651584, 60}};
    const std::uint64_t samples = std::uint64_t{setup.width} * setup.height;
    std::uint8_t level = 62;
    for (const auto &candidate : levels) {
        if (samples <= candidate.samples) {
            level = candidate.level;
            break;
        }
    }
    BoxWriter out;
    out.u8(setup.profile);
    out.u8(level);
    out.u8(static_cast<std::uint8_t>((setup.bit_depth & 0xf) << 4 | (setup.chroma & 7) << 1 |
                                     (setup.colour.full_range ? 1 : 0)));
    out.u8(static_cast<std::uint8_t>(setup.colour.primaries & 0xff));
    out.u8(static_cast<std::uint8_t>(setup.colour.transfer & 0xff));
    out.u8(static_cast<std::uint8_t>(setup.colour.matrix & 0xff));
    out.u16(0); // VP9 has no initialisation data
    return out.take();
}

Result<Bytes> flac_configuration(std::span<const std::uint8_t> header)
{
    constexpr std::size_t block_bytes = 4 + 34; // block header and STREAMINFO
    constexpr std::uint8_t ogg_magic[] = {0x7f, 'F', 'L', 'A', 'C'};
    constexpr std::uint8_t magic[] = {'f', 'L', 'a', 'C'};
    std::size_t start = 0;
    if (header.size() >= sizeof ogg_magic &&
        std::equal(std::begin(ogg_magic), std::end(ogg_magic), header.begin()))
        start = 9; // magic, version, number of headers
    if (header.size() < start + sizeof magic + block_bytes ||
        !std::equal(std::begin(magic), std::end(magic), header.begin() + static_cast<std::ptrdiff_t>(start)))
        return fail(ErrorCode::invalid_argument, "the FLAC stream header is not one");
    const auto block = header.subspan(start + sizeof magic, block_bytes);
    if ((block[0] & 0x7f) != 0 || block[1] != 0 || block[2] != 0 || block[3] != 34)
        return fail(ErrorCode::invalid_argument, "the FLAC stream header does not begin with STREAMINFO");
    Bytes configuration(block.begin(), block.end());
    configuration[0] |= 0x80;
    return configuration;
}

} // namespace butaca::mux
