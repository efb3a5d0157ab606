// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/tracks.h"

#include <algorithm>
#include <numeric>
#include <string_view>

#include <gst/tag/tag.h>

#include "src/media/cover.h"
#include "src/origin/caps_fields.h"

namespace butaca::origin {

namespace {

unsigned natural(const GstStructure *structure, const char *field)
{
    return static_cast<unsigned>(std::max(0, number(structure, field)));
}

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

std::string no_decoder(const std::string &codec)
{
    return "no decoder for " + codec_name_for_people(codec) + " is installed";
}

// Beyond this a picture alone takes hundreds of megabytes, in each worker and several times. 8192×8192 are
// twice the pixels of 8K.
constexpr unsigned side_most = 16384;
constexpr std::uint64_t pixels_most = 8192ULL * 8192;

// What a track of such pictures cannot be played for; "" when it can.
std::string too_large(unsigned width, unsigned height)
{
    if (width <= side_most && height <= side_most &&
        static_cast<std::uint64_t>(width) * height <= pixels_most)
        return {};
    return "its pictures are too large: " + std::to_string(width) + "×" + std::to_string(height);
}

// "rotate-90", or "flip-rotate-90": left and right exchanged, and then turned clockwise.
void set_orientation(media::VideoTrack &track, std::string_view orientation)
{
    constexpr std::string_view flip = "flip-";
    track.mirrored = orientation.starts_with(flip);
    if (track.mirrored)
        orientation.remove_prefix(flip.size());
    for (unsigned degrees : {90U, 180U, 270U}) {
        if (orientation == "rotate-" + std::to_string(degrees))
            track.rotation = degrees;
    }
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

// The pixel aspect that an MPEG-2 sequence header tells (ISO/IEC 13818-2, 6.3.3): qtdemux claims square
// pixels where the container says nothing, and the parser believes it. 1:1 where there is no header in the
// caps.
media::Rational mpeg2_pixel_aspect(const GstStructure *structure, unsigned width, unsigned height)
{
    const GValue *value = gst_structure_get_value(structure, "codec_data");
    if (!value || !GST_VALUE_HOLDS_BUFFER(value) || width == 0 || height == 0)
        return {1, 1};
    MappedBuffer data(gst_value_get_buffer(value));
    if (!data || data.bytes().size() < 8 || data.bytes()[2] != 1 || data.bytes()[3] != 0xb3)
        return {1, 1};
    media::Rational display{};
    switch (data.bytes()[7] >> 4) {
    case 2:
        display = {4, 3};
        break;
    case 3:
        display = {16, 9};
        break;
    case 4:
        display = {221, 100};
        break;
    default:
        return {1, 1};
    }
    std::int64_t num = display.num * height;
    std::int64_t den = display.den * width;
    std::int64_t divisor = std::gcd(num, den);
    return {num / divisor, den / divisor};
}

// What the caps leave out.
void amend(media::VideoTrack &track, const GstStructure *structure)
{
    bool square = track.pixel_aspect == media::Rational{1, 1};
    if (track.codec == "mpeg2" && square)
        track.pixel_aspect = mpeg2_pixel_aspect(structure, track.width, track.height);
    if (track.codec == "dv") {
        // Standard definition DV is always interlaced; whether it is wide only its frames tell.
        track.interlaced = true;
        if (square && track.width == 720)
            track.pixel_aspect = track.height == 576 ? media::Rational{16, 15} : media::Rational{8, 9};
    }
}

} // namespace

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
    const std::string told = tag_text(facts.tags.get(), GST_TAG_IMAGE_ORIENTATION);
    set_orientation(track, told.empty() ? facts.orientation : told);
    std::string mode = text(structure, "interlace-mode");
    track.interlaced = !mode.empty() && mode != "progressive";
    amend(track, structure);
    track.bit_depth = bit_depth_of(structure, track.codec);
    track.colorimetry = text(structure, "colorimetry");
    track.changes = facts.changes;
    track.decodable = can_decode(facts.caps.get());
    if (!track.decodable)
        track.reason = no_decoder(track.codec);
    if (std::string reason = too_large(track.width, track.height); !reason.empty()) {
        track.decodable = false;
        track.reason = std::move(reason);
        track.width = std::min(track.width, side_most);
        track.height = std::min(track.height, side_most);
    }
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
    track.changes = facts.changes;
    track.decodable = can_decode(facts.caps.get());
    if (!track.decodable)
        track.reason = no_decoder(track.codec);
    return track;
}

media::SubtitleTrack subtitle_track(const TrackFacts &facts, const std::string &container)
{
    media::SubtitleTrack track;
    track.source = source_of(facts);
    bool quicktime = container == "mp4" || container == "mov";
    track.format = quicktime ? "tx3g" : "srt";
    if (std::string format = subtitle_format(facts.caps.get()); !format.empty())
        track.format = format;
    track.language = language_of(facts.tags.get());
    track.name = tag_text(facts.tags.get(), GST_TAG_TITLE);
    track.is_default = facts.selected;
    mark_by_name(track);
    return track;
}

void mark_by_name(media::SubtitleTrack &track)
{
    auto name = adopt(g_utf8_strdown(track.name.c_str(), -1));
    std::string_view words = name.get();
    auto says = [words](std::string_view word) { return words.find(word) != std::string_view::npos; };
    track.forced = track.forced || says("forced") || says("forzad");
    track.hearing_impaired = track.hearing_impaired || says("sdh") || says("hearing") || says("sordos");
}

std::string cover_of(const GstTagList *tags)
{
    std::string best;
    for (const char *tag : {GST_TAG_IMAGE, GST_TAG_PREVIEW_IMAGE}) {
        GstSample *sample = nullptr;
        for (guint i = 0; tags && gst_tag_list_get_sample_index(tags, tag, i, &sample); i++) {
            auto owned = adopt(sample);
            GstBuffer *buffer = gst_sample_get_buffer(sample);
            if (!buffer || gst_buffer_get_size(buffer) > media::cover_bytes_most)
                continue;
            MappedBuffer map(buffer);
            std::string bytes = map ? std::string(map.bytes().begin(), map.bytes().end()) : "";
            if (!media::Cover::parse(bytes))
                continue;
            const GstStructure *info = gst_sample_get_info(sample);
            int type = GST_TAG_IMAGE_TYPE_UNDEFINED;
            bool front = info && gst_structure_get_enum(info, "image-type", GST_TYPE_TAG_IMAGE_TYPE, &type) &&
                         type == GST_TAG_IMAGE_TYPE_FRONT_COVER;
            if (front)
                return bytes;
            if (best.empty())
                best = std::move(bytes);
        }
    }
    return best;
}

media::Tags file_tags(const GstTagList *tags, bool dates_are_of_the_file)
{
    media::Tags result;
    if (!tags)
        return result;
    result.title = tag_text(tags, GST_TAG_TITLE);
    result.artist = tag_text(tags, GST_TAG_ARTIST);
    result.album = tag_text(tags, GST_TAG_ALBUM);
    result.album_artist = tag_text(tags, GST_TAG_ALBUM_ARTIST);
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
