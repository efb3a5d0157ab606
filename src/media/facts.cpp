// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/media/facts.h"

#include <algorithm>

namespace butaca::media {

namespace {

// Bounds on what an origin may claim; wide for real media, narrow enough that arithmetic never overflows.
constexpr std::int64_t tracks_most = 64;
constexpr std::int64_t picture_side_most = 16384;
constexpr std::int64_t duration_most_ns = 1000LL * 3600 * 1'000'000'000;

void write_rational(json::Writer &writer, std::string_view name, Rational value)
{
    writer.key(name).begin_array().value(value.num).value(value.den).end_array();
}

void write_source(json::Writer &writer, const TrackSource &source)
{
    writer.member("pad", source.pad).member("caps", source.caps);
}

void write_video(json::Writer &writer, const VideoTrack &track)
{
    writer.begin_object().member("index", track.index);
    write_source(writer, track.source);
    writer.member("codec", track.codec).member("profile", track.profile).member("level", track.level);
    writer.member("width", track.width).member("height", track.height).member("rotation", track.rotation);
    writer.member("mirrored", track.mirrored);
    write_rational(writer, "pixel_aspect", track.pixel_aspect);
    write_rational(writer, "frame_rate", track.frame_rate);
    writer.member("interlaced", track.interlaced).member("bit_depth", track.bit_depth);
    writer.member("colorimetry", track.colorimetry).member("changes", track.changes);
    writer.member("unshown", track.unshown);
    writer.member("decodable", track.decodable).member("reason", track.reason).end_object();
}

void write_audio(json::Writer &writer, const AudioTrack &track)
{
    writer.begin_object().member("index", track.index);
    write_source(writer, track.source);
    writer.member("codec", track.codec).member("profile", track.profile);
    writer.member("channels", track.channels).member("rate", track.rate);
    writer.member("language", track.language)
        .member("title", track.title)
        .member("default", track.is_default);
    writer.member("changes", track.changes);
    if (track.loudness)
        writer.member("integrated_lufs", track.loudness->integrated_lufs)
            .member("true_peak_dbtp", track.loudness->true_peak_dbtp);
    writer.member("decodable", track.decodable).member("reason", track.reason).end_object();
}

void write_subtitle(json::Writer &writer, const SubtitleTrack &track)
{
    writer.begin_object().member("index", track.index);
    write_source(writer, track.source);
    writer.member("format", track.format).member("language", track.language);
    writer.member("name", track.name).member("forced", track.forced);
    writer.member("hearing_impaired", track.hearing_impaired).member("default", track.is_default);
    writer.member("form", to_string(track.form)).member("digest", track.digest);
    writer.member("cues", track.cues).member("skipped", track.skipped);
    writer.member("decodable", track.decodable).member("reason", track.reason).end_object();
}

bool is_digest(std::string_view text)
{
    return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

// Reads fields and remembers the first one that is wrong, so that the readers below stay straight lines.
class Fields {
public:
    explicit Fields(const json::Value &object) : object_(object) {}

    std::string text(std::string_view name)
    {
        auto value = object_[name].string();
        if (!value)
            complain(name);
        return value.value_or("");
    }
    std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most)
    {
        auto value = object_[name].integer();
        if (!value || *value < least || *value > most)
            complain(name);
        return std::clamp(value.value_or(least), least, most);
    }
    unsigned count(std::string_view name, std::int64_t most)
    {
        return static_cast<unsigned>(integer(name, 0, most));
    }
    bool flag(std::string_view name)
    {
        auto value = object_[name].boolean();
        if (!value)
            complain(name);
        return value.value_or(false);
    }
    Rational rational(std::string_view name, std::int64_t least_num)
    {
        auto items = object_[name].items();
        constexpr std::int64_t most = 1'000'000'000;
        Rational value;
        if (items.size() == 2) {
            value.num = items[0].integer_or(-1);
            value.den = items[1].integer_or(-1);
        }
        if (items.size() != 2 || value.num < least_num || value.num > most || value.den < 1 ||
            value.den > most) {
            complain(name);
            return {least_num, 1};
        }
        return value;
    }
    // A SHA-256 in hex, or nothing.
    std::string digest(std::string_view name)
    {
        std::string value = text(name);
        if (!value.empty() && !is_digest(value))
            complain(name);
        return value;
    }
    // Nothing where it was not measured.
    std::optional<Loudness> loudness()
    {
        auto integrated = object_["integrated_lufs"].number();
        auto peak = object_["true_peak_dbtp"].number();
        return integrated && peak ? std::optional(Loudness{*integrated, *peak}) : std::nullopt;
    }
    TrackSource source() { return {text("pad"), text("caps")}; }

    bool good() const { return wrong_.empty(); }
    const std::string &wrong() const { return wrong_; }

private:
    void complain(std::string_view name)
    {
        if (wrong_.empty())
            wrong_ = name;
    }
    const json::Value &object_;
    std::string wrong_;
};

VideoTrack read_video(Fields &fields)
{
    VideoTrack track;
    track.index = fields.count("index", tracks_most);
    track.source = fields.source();
    track.codec = fields.text("codec");
    track.profile = fields.text("profile");
    track.level = fields.text("level");
    track.width = fields.count("width", picture_side_most);
    track.height = fields.count("height", picture_side_most);
    track.rotation = fields.count("rotation", 270);
    track.mirrored = fields.flag("mirrored");
    track.pixel_aspect = fields.rational("pixel_aspect", 1);
    track.frame_rate = fields.rational("frame_rate", 0);
    track.interlaced = fields.flag("interlaced");
    track.bit_depth = fields.count("bit_depth", 16);
    track.colorimetry = fields.text("colorimetry");
    track.changes = fields.flag("changes");
    track.unshown = fields.flag("unshown");
    track.decodable = fields.flag("decodable");
    track.reason = fields.text("reason");
    return track;
}

AudioTrack read_audio(Fields &fields)
{
    AudioTrack track;
    track.index = fields.count("index", tracks_most);
    track.source = fields.source();
    track.codec = fields.text("codec");
    track.profile = fields.text("profile");
    track.channels = fields.count("channels", 64);
    track.rate = fields.count("rate", 768000);
    track.language = fields.text("language");
    track.title = fields.text("title");
    track.is_default = fields.flag("default");
    track.decodable = fields.flag("decodable");
    track.reason = fields.text("reason");
    track.changes = fields.flag("changes");
    track.loudness = fields.loudness();
    return track;
}

SubtitleTrack read_subtitle(Fields &fields)
{
    SubtitleTrack track;
    track.index = fields.count("index", tracks_most);
    track.source = fields.source();
    track.format = fields.text("format");
    track.language = fields.text("language");
    track.name = fields.text("name");
    track.forced = fields.flag("forced");
    track.hearing_impaired = fields.flag("hearing_impaired");
    track.is_default = fields.flag("default");
    std::string form = fields.text("form");
    track.form = form == "pictures" ? CueForm::pictures : form == "styled" ? CueForm::styled : CueForm::text;
    track.digest = fields.digest("digest");
    track.cues = fields.count("cues", cues_most);
    track.skipped = fields.count("skipped", INT32_MAX);
    track.decodable = fields.flag("decodable");
    track.reason = fields.text("reason");
    return track;
}

// Reads each element of an array of tracks. Their `index` must be their position: it is used as one.
template <typename Track>
Status read_tracks(const json::Value &array, std::string_view what, Track (*read)(Fields &),
                   std::vector<Track> &into)
{
    auto items = array.items();
    if (!array.is_array() || items.size() > static_cast<std::size_t>(tracks_most))
        return fail(ErrorCode::invalid_argument, "the origin's list of tracks is malformed",
                    std::string(what));
    for (const auto &item : items) {
        Fields fields(item);
        into.push_back(read(fields));
        if (!fields.good() || into.back().index + 1 != into.size())
            return fail(ErrorCode::invalid_argument, "a track in the origin's answer is malformed",
                        std::string(what) + "." + fields.wrong());
    }
    return {};
}

} // namespace

const char *to_string(Kind kind) { return kind == Kind::video ? "video" : "audio"; }

void write_json(json::Writer &writer, const Asset &asset)
{
    writer.begin_object().member("digest", asset.digest).member("kind", to_string(asset.kind));
    writer.member("slug", asset.slug).member("size_bytes", asset.size_bytes);
    writer.member("container", asset.container).member("demuxer", asset.demuxer);
    writer.member("duration_ns", asset.duration_ns)
        .member("broken", asset.broken)
        .member("reason", asset.reason);
    writer.key("tags").begin_object();
    writer.member("title", asset.tags.title)
        .member("artist", asset.tags.artist)
        .member("album", asset.tags.album);
    writer.member("genre", asset.tags.genre)
        .member("track", asset.tags.track)
        .member("disc", asset.tags.disc);
    writer.member("year", asset.tags.year).member("album_artist", asset.tags.album_artist).end_object();
    writer.key("video").begin_array();
    for (const auto &track : asset.video)
        write_video(writer, track);
    writer.end_array().key("audio").begin_array();
    for (const auto &track : asset.audio)
        write_audio(writer, track);
    writer.end_array().key("subtitles").begin_array();
    for (const auto &track : asset.subtitles)
        write_subtitle(writer, track);
    writer.end_array();
    write_chapters(writer, "chapters", asset.chapters);
    write_chapters(writer, "chapters_beside", asset.chapters_beside);
    writer.member("cover", asset.cover).end_object();
}

Result<Asset> asset_from_json(const json::Value &value)
{
    Asset asset;
    Fields fields(value);
    asset.digest = fields.text("digest");
    std::string kind = fields.text("kind");
    asset.kind = kind == "audio" ? Kind::audio : Kind::video;
    asset.slug = fields.text("slug");
    asset.size_bytes = static_cast<std::uint64_t>(fields.integer("size_bytes", 0, INT64_MAX));
    asset.container = fields.text("container");
    asset.demuxer = fields.text("demuxer");
    asset.duration_ns = fields.integer("duration_ns", 0, duration_most_ns);
    asset.broken = fields.flag("broken");
    asset.reason = fields.text("reason");
    asset.cover = fields.digest("cover");
    if (!fields.good() || !is_digest(asset.digest) || (kind != "video" && kind != "audio"))
        return fail(ErrorCode::invalid_argument, "the origin's answer is malformed",
                    "field " + fields.wrong());

    json::Value tags_object = value["tags"];
    Fields tags(tags_object);
    asset.tags = {tags.text("title"),         tags.text("artist"),         tags.text("album"),
                  tags.text("genre"),         tags.count("track", 100000), tags.count("disc", 100000),
                  tags.count("year", 100000), tags.text("album_artist")};
    if (!tags.good())
        return fail(ErrorCode::invalid_argument, "the tags in the origin's answer are malformed",
                    tags.wrong());

    if (auto read = read_tracks(value["video"], "video", read_video, asset.video); !read)
        return fail(read.error());
    if (auto read = read_tracks(value["audio"], "audio", read_audio, asset.audio); !read)
        return fail(read.error());
    if (auto read = read_tracks(value["subtitles"], "subtitles", read_subtitle, asset.subtitles); !read)
        return fail(read.error());
    asset.chapters = read_chapters(value["chapters"], asset.duration_ns);
    asset.chapters_beside = read_chapters(value["chapters_beside"], asset.duration_ns);
    return asset;
}

} // namespace butaca::media
