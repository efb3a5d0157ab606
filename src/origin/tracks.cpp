// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/tracks.h"

#include <algorithm>
#include <string_view>

#include <gst/tag/tag.h>

namespace butaca::origin {

namespace {

const GstStructure *first(const GstCaps *caps)
{
    return caps && gst_caps_get_size(caps) > 0 ? gst_caps_get_structure(caps, 0) : nullptr;
}

std::string text(const GstStructure *structure, const char *field)
{
    const char *value = structure ? gst_structure_get_string(structure, field) : nullptr;
    return value ? value : "";
}

int number(const GstStructure *structure, const char *field, int fallback = 0)
{
    int value = 0;
    return structure && gst_structure_get_int(structure, field, &value) ? value : fallback;
}

unsigned natural(const GstStructure *structure, const char *field)
{
    return static_cast<unsigned>(std::max(0, number(structure, field)));
}

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

std::string tag_text(const GstTagList *tags, const char *tag)
{
    Owned<char> value;
    if (!tags || !gst_tag_list_get_string(tags, tag, Out(value)))
        return {};
    return value.get();
}

// BCP 47 wants the shortest code (RFC 5646, 2.2.1): ISO 639-1 where there is one.
std::string language_of(const GstTagList *tags)
{
    std::string code = tag_text(tags, GST_TAG_LANGUAGE_CODE);
    if (code.empty() || code == "und" || code == "unknown" || code.size() > 35)
        return {};
    const char *shortest = gst_tag_get_language_code_iso_639_1(code.c_str());
    return shortest ? shortest : code;
}

// Is there an element that decodes these caps? Raw samples and pictures need none.
bool can_decode(const GstCaps *caps)
{
    std::string_view name = gst_structure_get_name(first(caps));
    if (name == "audio/x-raw" || name == "video/x-raw")
        return true;
    static GList *decoders =
        gst_element_factory_list_get_elements(GST_ELEMENT_FACTORY_TYPE_DECODER, GST_RANK_MARGINAL);
    GList *fitting = gst_element_factory_list_filter(decoders, caps, GST_PAD_SINK, FALSE);
    bool found = fitting != nullptr;
    gst_plugin_feature_list_free(fitting);
    return found;
}

std::string no_decoder(const std::string &codec) { return "no decoder for " + codec + " is installed"; }

unsigned rotation_of(const GstTagList *tags)
{
    std::string orientation = tag_text(tags, GST_TAG_IMAGE_ORIENTATION);
    for (unsigned degrees : {90U, 180U, 270U}) {
        if (orientation == "rotate-" + std::to_string(degrees))
            return degrees;
    }
    return 0;
}

unsigned bit_depth_of(const GstStructure *structure, const std::string &codec)
{
    guint depth = 0;
    for (const char *field : {"bit-depth-luma", "bit-depth"}) {
        if (gst_structure_get_uint(structure, field, &depth) && depth > 0 && depth <= 16)
            return depth;
        int signed_depth = number(structure, field);
        if (signed_depth > 0 && signed_depth <= 16)
            return static_cast<unsigned>(signed_depth);
    }
    std::string profile = text(structure, "profile");
    if (codec == "prores")
        return text(structure, "variant").starts_with("4444") ? 12 : 10;
    if (codec == "vp9")
        return profile == "2" || profile == "3" ? 10 : 8;
    return profile.find("10") != std::string::npos ? 10 : 8;
}

media::Rational rational(const GstStructure *structure, const char *field, media::Rational fallback)
{
    int num = 0;
    int den = 1;
    if (!gst_structure_get_fraction(structure, field, &num, &den) || num < 0 || den <= 0)
        return fallback;
    return {num, den};
}

media::TrackSource source_of(const TrackFacts &facts)
{
    media::TrackSource source;
    source.pad = facts.pad;
    Owned<char> caps = adopt(gst_caps_to_string(facts.caps.get()));
    source.caps = caps.get();
    return source;
}

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

media::VideoTrack video_track(const TrackFacts &facts)
{
    const GstStructure *structure = first(facts.caps.get());
    media::VideoTrack track;
    track.source = source_of(facts);
    track.codec = codec_of(facts.caps.get());
    track.profile = text(structure, "profile");
    if (track.codec == "prores")
        track.profile = text(structure, "variant");
    track.level = text(structure, "level");
    track.width = natural(structure, "width");
    track.height = natural(structure, "height");
    track.pixel_aspect = rational(structure, "pixel-aspect-ratio", {1, 1});
    if (track.pixel_aspect.num == 0)
        track.pixel_aspect = {1, 1};
    track.frame_rate = rational(structure, "framerate", {0, 1});
    track.rotation = rotation_of(facts.tags.get());
    std::string mode = text(structure, "interlace-mode");
    track.interlaced = !mode.empty() && mode != "progressive";
    track.bit_depth = bit_depth_of(structure, track.codec);
    track.colorimetry = text(structure, "colorimetry");
    track.decodable = can_decode(facts.caps.get());
    if (!track.decodable)
        track.reason = no_decoder(track.codec);
    return track;
}

media::AudioTrack audio_track(const TrackFacts &facts)
{
    const GstStructure *structure = first(facts.caps.get());
    media::AudioTrack track;
    track.source = source_of(facts);
    track.codec = codec_of(facts.caps.get());
    track.profile = text(structure, "profile");
    track.channels = natural(structure, "channels");
    // Opus always decodes to 48 kHz; its caps tell what was once recorded (RFC 7845, 5.1).
    track.rate = track.codec == "opus" ? 48000 : natural(structure, "rate");
    track.language = language_of(facts.tags.get());
    track.title = tag_text(facts.tags.get(), GST_TAG_TITLE);
    track.is_default = facts.selected;
    track.decodable = can_decode(facts.caps.get());
    if (!track.decodable)
        track.reason = no_decoder(track.codec);
    return track;
}

media::SubtitleTrack subtitle_track(const TrackFacts &facts, const std::string &container)
{
    const GstStructure *structure = first(facts.caps.get());
    media::SubtitleTrack track;
    track.source = source_of(facts);
    std::string_view name = gst_structure_get_name(structure);
    bool quicktime = container == "mp4" || container == "mov";
    track.format = quicktime ? "tx3g" : "srt";
    for (const SubtitleRow &row : subtitle_rows) {
        if (name == row.caps_name)
            track.format = row.format;
    }
    track.language = language_of(facts.tags.get());
    track.name = tag_text(facts.tags.get(), GST_TAG_TITLE);
    return track;
}

media::Tags file_tags(const GstTagList *tags, bool dates_are_of_the_file)
{
    media::Tags result;
    if (!tags)
        return result;
    result.title = tag_text(tags, GST_TAG_TITLE);
    result.artist = tag_text(tags, GST_TAG_ARTIST);
    result.album = tag_text(tags, GST_TAG_ALBUM);
    result.genre = tag_text(tags, GST_TAG_GENRE);
    guint value = 0;
    if (gst_tag_list_get_uint(tags, GST_TAG_TRACK_NUMBER, &value))
        result.track = value;
    if (gst_tag_list_get_uint(tags, GST_TAG_ALBUM_VOLUME_NUMBER, &value))
        result.disc = value;
    GDate *day = nullptr;
    if (gst_tag_list_get_date(tags, GST_TAG_DATE, &day)) {
        if (g_date_valid_year(g_date_get_year(day)))
            result.year = g_date_get_year(day);
        g_date_free(day);
    }
    GstDateTime *date = nullptr;
    if (result.year == 0 && !dates_are_of_the_file &&
        gst_tag_list_get_date_time(tags, GST_TAG_DATE_TIME, &date)) {
        if (gst_date_time_has_year(date))
            result.year = static_cast<unsigned>(std::max(0, gst_date_time_get_year(date)));
        gst_date_time_unref(date);
    }
    return result;
}

} // namespace butaca::origin
