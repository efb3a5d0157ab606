// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/codecs.h"

#include <algorithm>
#include <string_view>

#include "src/origin/caps_fields.h"

namespace butaca::origin {

namespace {

struct CodecRow {
    const char *caps_name;
    const char *version_field; // with `version`, narrows the name down; null: any
    int version;
    const char *codec;
};

constexpr CodecRow codec_rows[] = {
    {"video/x-h264", nullptr, 0, "h264"},
    {"video/x-h265", nullptr, 0, "hevc"},
    {"video/x-av1", nullptr, 0, "av1"},
    {"video/x-vp8", nullptr, 0, "vp8"},
    {"video/x-vp9", nullptr, 0, "vp9"},
    {"video/mpeg", "mpegversion", 1, "mpeg1"},
    {"video/mpeg", "mpegversion", 2, "mpeg2"},
    {"video/mpeg", "mpegversion", 4, "mpeg4"},
    {"image/jpeg", nullptr, 0, "mjpeg"},
    {"image/png", nullptr, 0, "png"},
    {"video/x-prores", nullptr, 0, "prores"},
    {"video/x-dv", nullptr, 0, "dv"},
    {"video/x-theora", nullptr, 0, "theora"},
    {"video/x-wmv", nullptr, 0, "wmv"},
    {"video/x-msmpeg", nullptr, 0, "msmpeg4"},
    {"video/x-divx", nullptr, 0, "mpeg4"},
    {"video/x-h263", nullptr, 0, "h263"},
    {"video/x-flash-video", nullptr, 0, "flv"},
    {"audio/mpeg", "mpegversion", 2, "aac"},
    {"audio/mpeg", "mpegversion", 4, "aac"},
    {"audio/mpeg", "layer", 3, "mp3"},
    {"audio/mpeg", "layer", 2, "mp2"},
    {"audio/mpeg", "layer", 1, "mp1"},
    {"audio/mpeg", "mpegversion", 1, "mpa"}, // the layer shows after parsing
    {"audio/x-vorbis", nullptr, 0, "vorbis"},
    {"audio/x-opus", nullptr, 0, "opus"},
    {"audio/x-flac", nullptr, 0, "flac"},
    {"audio/x-raw", nullptr, 0, "pcm"},
    {"audio/x-ac3", nullptr, 0, "ac3"},
    {"audio/x-eac3", nullptr, 0, "eac3"},
    {"audio/x-dts", nullptr, 0, "dts"},
    {"audio/x-alac", nullptr, 0, "alac"},
    {"audio/x-wma", nullptr, 0, "wma"},
    {"audio/x-adpcm", nullptr, 0, "adpcm"},
    {"audio/x-mulaw", nullptr, 0, "pcm-mulaw"},
    {"audio/x-alaw", nullptr, 0, "pcm-alaw"},
    {"audio/x-wavpack", nullptr, 0, "wavpack"},
    {"audio/x-speex", nullptr, 0, "speex"},
    {"audio/AMR", nullptr, 0, "amr"},
    {"audio/AMR-WB", nullptr, 0, "amr-wb"},
};

struct NameRow {
    const char *codec;
    const char *name;
};

// Where capitals do not do.
constexpr NameRow name_rows[] = {
    {"h264", "H.264"},
    {"hevc", "H.265 (HEVC)"},
    {"h263", "H.263"},
    {"mpeg1", "MPEG-1 video"},
    {"mpeg2", "MPEG-2 video"},
    {"mpeg4", "MPEG-4 video"},
    {"mjpeg", "Motion JPEG"},
    {"prores", "Apple ProRes"},
    {"theora", "Theora"},
    {"wmv", "Windows Media Video"},
    {"wma", "Windows Media Audio"},
    {"msmpeg4", "Microsoft MPEG-4"},
    {"flv", "Flash Video"},
    {"vorbis", "Vorbis"},
    {"opus", "Opus"},
    {"eac3", "Dolby Digital Plus (E-AC-3)"},
    {"ac3", "Dolby Digital (AC-3)"},
    {"audio/x-true-hd", "Dolby TrueHD"},
    {"audio/x-mlp", "MLP"},
    {"audio/x-ac4", "Dolby AC-4"},
    {"video/x-pn-realvideo", "RealVideo"},
    {"audio/x-pn-realaudio", "RealAudio"},
    {"video/x-indeo", "Indeo"},
    {"video/x-cineform", "CineForm"},
    {"video/x-h266", "H.266 (VVC)"},
    {"image/x-jpc", "JPEG 2000"},
};

struct ParserRow {
    const char *codec;
    const char *element;
    const char *output_caps;
};

constexpr ParserRow parser_rows[] = {
    {"h264", "h264parse", "video/x-h264, stream-format=(string)avc, alignment=(string)au"},
    {"hevc", "h265parse", "video/x-h265, stream-format=(string){ hvc1, hev1 }, alignment=(string)au"},
    {"av1", "av1parse", "video/x-av1, stream-format=(string)obu-stream, alignment=(string)tu"},
    {"vp9", "vp9parse", "video/x-vp9, alignment=(string)super-frame"},
    {"mpeg1", "mpegvideoparse", "video/mpeg"},
    {"mpeg2", "mpegvideoparse", "video/mpeg"},
    {"mpeg4", "mpeg4videoparse", "video/mpeg"},
    {"theora", "theoraparse", "video/x-theora"},
    {"mpa", "mpegaudioparse", "audio/mpeg"},
    {"mp1", "mpegaudioparse", "audio/mpeg"},
    {"mp2", "mpegaudioparse", "audio/mpeg"},
    {"mp3", "mpegaudioparse", "audio/mpeg"},
    {"aac", "aacparse", "audio/mpeg, stream-format=(string)raw"},
    {"ac3", "ac3parse", "audio/x-ac3"},
    {"eac3", "ac3parse", "audio/x-eac3"},
    {"dts", "dcaparse", "audio/x-dts"},
    {"flac", "flacparse", "audio/x-flac"},
    {"vorbis", "vorbisparse", "audio/x-vorbis"},
    {"opus", "opusparse", "audio/x-opus"},
};

struct SubtitleRow {
    const char *caps_name;
    const char *format;
};

constexpr SubtitleRow subtitle_rows[] = {
    {"application/x-ass", "ass"},
    {"application/x-ssa", "ssa"},
    {"application/x-subtitle-vtt", "webvtt"},
    {"subpicture/x-pgs", "pgs"},
    {"subpicture/x-dvd", "vobsub"},
    {"subpicture/x-dvb", "dvb"},
    {"subtitle/x-kate", "kate"},
    {"application/x-kate", "kate"},
    {"closedcaption/x-cea-608", "cea608"},
    {"closedcaption/x-cea-708", "cea708"},
    {"application/ttml+xml", "ttml"},
};

} // namespace

TrackKind kind_of(const GstCaps *caps)
{
    const GstStructure *structure = first(caps);
    if (!structure)
        return TrackKind::other;
    std::string_view name = gst_structure_get_name(structure);
    if (name == "text/x-raw")
        return TrackKind::subtitle;
    for (const SubtitleRow &row : subtitle_rows) {
        if (name == row.caps_name)
            return TrackKind::subtitle;
    }
    if (name.starts_with("video/") || name.starts_with("image/"))
        return TrackKind::video;
    return name.starts_with("audio/") ? TrackKind::audio : TrackKind::other;
}

std::string codec_of(const GstCaps *caps)
{
    const GstStructure *structure = first(caps);
    if (!structure)
        return {};
    std::string_view name = gst_structure_get_name(structure);
    for (const CodecRow &row : codec_rows) {
        if (name == row.caps_name &&
            (!row.version_field || number(structure, row.version_field) == row.version))
            return row.codec;
    }
    return std::string(name);
}

std::string codec_name_for_people(const std::string &codec)
{
    for (const NameRow &row : name_rows) {
        if (codec == row.codec)
            return row.name;
    }
    std::string_view telling = codec;
    telling.remove_prefix(std::min(telling.find('/') + 1, telling.size()));
    for (std::string_view prefix : {"x-", "gst-fourcc-"}) {
        if (telling.starts_with(prefix))
            telling.remove_prefix(prefix.size());
    }
    std::string name(telling);
    std::transform(name.begin(), name.end(), name.begin(), g_ascii_toupper);
    return name;
}

ParserChoice parser_for(const GstCaps *caps)
{
    std::string codec = codec_of(caps);
    for (const ParserRow &row : parser_rows) {
        if (codec == row.codec)
            return {row.element, row.output_caps};
    }
    return {};
}

unsigned codec_frame_samples(const GstCaps *caps)
{
    const GstStructure *structure = first(caps);
    std::string codec = codec_of(caps);
    if (codec == "mp3")
        return number(structure, "mpegaudioversion", 1) == 1 ? 1152 : 576;
    if (codec == "mp2")
        return 1152;
    if (codec == "mp1")
        return 384;
    if (codec == "aac")
        return text(structure, "profile").starts_with("he-") ? 0 : 1024;
    return codec == "ac3" ? 1536 : 0;
}

bool cut_anywhere(const GstCaps *caps)
{
    const GstStructure *structure = first(caps);
    std::string_view name = structure ? gst_structure_get_name(structure) : "";
    return name == "audio/x-raw" || name == "audio/x-alaw" || name == "audio/x-mulaw" ||
           name == "audio/x-adpcm";
}

Owned<GstCaps> matroska_subtitle_caps(const std::string &codec_id)
{
    if (codec_id == "S_TEXT/WEBVTT")
        return adopt(gst_caps_new_empty_simple("application/x-subtitle-vtt"));
    if (codec_id.starts_with("D_WEBVTT/") && codec_id != "D_WEBVTT/METADATA")
        return adopt(
            gst_caps_new_simple("application/x-subtitle-vtt", "webm", G_TYPE_BOOLEAN, TRUE, nullptr));
    return nullptr;
}

std::string subtitle_format(const GstCaps *caps)
{
    const GstStructure *structure = first(caps);
    std::string_view name = structure ? gst_structure_get_name(structure) : "";
    for (const SubtitleRow &row : subtitle_rows) {
        if (name == row.caps_name)
            return row.format;
    }
    return {};
}

} // namespace butaca::origin
