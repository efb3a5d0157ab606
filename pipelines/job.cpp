// SPDX-License-Identifier: LGPL-2.1-or-later
// Jobs as JSON. Lists of times travel as they are: a segment has some hundred of them.
#include "pipelines/job.h"

#include <array>
#include <limits>

namespace butaca::pipelines {

namespace {

constexpr std::int64_t frame_count_limit = 100'000;
constexpr std::int64_t any_number = std::numeric_limits<std::int64_t>::max();
// Three years either way: sums and products of such times do not overflow.
constexpr std::int64_t time_limit_ns = 100'000'000'000'000'000;

void write(json::Writer &writer, std::string_view name, const std::vector<std::int64_t> &numbers)
{
    writer.key(name).begin_array();
    for (auto number : numbers)
        writer.value(number);
    writer.end_array();
}

void write(json::Writer &writer, const Origin &origin)
{
    writer.key("origin").begin_object().member("scheme", origin.scheme);
    writer.key("addresses").begin_array();
    for (const auto &address : origin.addresses)
        writer.value(address);
    writer.end_array();
    writer.member("digest", origin.digest).member("ticket", origin.ticket);
    writer.member("demuxer", origin.demuxer).member("pad", origin.pad).member("caps", origin.caps);
    writer.end_object();
}

void write(json::Writer &writer, const VideoJob &video)
{
    writer.key("video").begin_object().member("timescale", video.timescale);
    write(writer, "ticks", video.ticks);
    write(writer, "decode_ticks", video.decode_ticks);
    write(writer, "pts_ns", video.pts_ns);
    if (video.before_ns)
        writer.member("before_ns", *video.before_ns);
    if (video.after_ns)
        writer.member("after_ns", *video.after_ns);
    writer.member("seek_ns", video.seek_ns).member("copy", video.copy).member("codec", video.codec);
    writer.member("width", video.width).member("height", video.height).member("rotation", video.rotation);
    writer.member("mirrored", video.mirrored);
    writer.member("level", video.level).member("constant_quality", video.constant_quality);
    writer.member("max_bitrate_bps", video.max_bitrate_bps).member("interlaced", video.interlaced);
    writer.member("frame_rate_num", video.frame_rate_num).member("frame_rate_den", video.frame_rate_den);
    writer.member("keyframe", video.keyframe);
    writer.member("burn_path", video.burn.path).member("burn_zero_ns", video.burn.zero_ns);
    writer.end_object();
}

void write(json::Writer &writer, const SheetJob &sheet)
{
    writer.key("sheet").begin_object().key("tiles").begin_array();
    for (const Tile &tile : sheet.tiles)
        writer.begin_array().value(tile.pts_ns).value(tile.reach_ns).value(tile.seek_ns).end_array();
    writer.end_array().member("tile_width", sheet.tile_width).member("tile_height", sheet.tile_height);
    writer.member("columns", sheet.columns)
        .member("mirrored", sheet.mirrored)
        .member("rotation", sheet.rotation);
    writer.member("interlaced", sheet.interlaced).member("jpeg_quality", sheet.jpeg_quality).end_object();
}

void write(json::Writer &writer, const AudioJob &audio)
{
    writer.key("audio").begin_object().member("source_rate", audio.source_rate).member("rate", audio.rate);
    writer.member("frame_samples", audio.frame_samples).member("first_frame", audio.first_frame);
    writer.member("frame_count", audio.frame_count).member("total_samples", audio.total_samples);
    writer.member("zero_ns", audio.zero_ns).member("packet_samples", audio.packet_samples);
    writer.member("packets_from_ns", audio.packets_from_ns).member("copy", audio.copy);
    writer.member("told_at_end", audio.told_at_end);
    if (audio.anchor_ns)
        writer.member("anchor_ns", *audio.anchor_ns);
    writer.member("seek_ns", audio.seek_ns).member("codec", audio.codec);
    writer.member("bitrate_bps", audio.bitrate_bps).member("channels", audio.channels);
    writer.member("cut_samples", audio.cut_samples);
    writer.member("lead_frames", audio.lead_frames).member("constant_rate", audio.constant_rate);
    writer.member("gain_mdb", audio.gain_mdb).member("night", audio.night);
    writer.member("byte_offset", audio.byte_offset).member("byte_offset_pts_ns", audio.byte_offset_pts_ns);
    writer.end_object();
}

// Reads the members of one object; the first one that is missing or out of range is remembered.
class Fields {
public:
    explicit Fields(json::Value object) : object_(std::move(object)) {}

    template <typename T> void number(std::string_view name, T &out, std::int64_t least, std::int64_t most)
    {
        const auto value = object_[name].integer();
        if (!value || *value < least || *value > most)
            return note(name);
        out = static_cast<T>(*value);
    }
    void time_if_any(std::string_view name, std::optional<std::int64_t> &out)
    {
        if (!object_[name].is_null())
            number(name, out.emplace(), -time_limit_ns, time_limit_ns);
    }
    void text(std::string_view name, std::string &out)
    {
        const auto value = object_[name].string();
        if (!value)
            return note(name);
        out = *value;
    }
    void flag(std::string_view name, bool &out)
    {
        const auto value = object_[name].boolean();
        if (!value)
            return note(name);
        out = *value;
    }
    void ascending(std::string_view name, std::vector<std::int64_t> &out)
    {
        for (const auto &item : object_[name].items()) {
            const auto value = item.integer();
            if (!value || *value < -time_limit_ns || *value > time_limit_ns ||
                (!out.empty() && *value <= out.back()) ||
                out.size() >= static_cast<std::size_t>(frame_count_limit))
                return note(name);
            out.push_back(*value);
        }
    }
    void require(bool holds, std::string_view name)
    {
        if (!holds)
            note(name);
    }

    json::Value operator[](std::string_view name) const { return object_[name]; }
    Status status() const
    {
        if (wrong_.empty())
            return {};
        return fail(ErrorCode::invalid_argument, "a job's field is missing or out of range", wrong_);
    }

private:
    void note(std::string_view name)
    {
        if (wrong_.empty())
            wrong_ = name;
    }
    json::Value object_;
    std::string wrong_;
};

Status read(Fields fields, Origin &origin)
{
    fields.text("scheme", origin.scheme);
    fields.require(origin.scheme == "vs" || origin.scheme == "as" || origin.scheme == "file", "scheme");
    for (const auto &address : fields["addresses"].items())
        origin.addresses.push_back(address.string_or(""));
    fields.require(!origin.addresses.empty() && !origin.addresses.front().empty(), "addresses");
    fields.text("digest", origin.digest);
    fields.text("ticket", origin.ticket);
    fields.text("demuxer", origin.demuxer);
    fields.text("pad", origin.pad);
    fields.text("caps", origin.caps);
    return fields.status();
}

Status read(Fields fields, VideoJob &video)
{
    fields.number("timescale", video.timescale, 1, std::numeric_limits<std::int32_t>::max());
    fields.ascending("ticks", video.ticks);
    fields.ascending("decode_ticks", video.decode_ticks);
    fields.require(video.decode_ticks.empty() || video.decode_ticks.size() == video.ticks.size(),
                   "decode_ticks");
    fields.ascending("pts_ns", video.pts_ns);
    fields.require(!video.ticks.empty() && video.ticks.front() >= 0, "ticks");
    fields.time_if_any("before_ns", video.before_ns);
    fields.time_if_any("after_ns", video.after_ns);
    if (fields.status()) {
        fields.require(!video.before_ns || *video.before_ns < video.pts_ns.front(), "before_ns");
        fields.require(!video.after_ns || *video.after_ns > video.pts_ns.back(), "after_ns");
    }
    fields.number("seek_ns", video.seek_ns, -time_limit_ns, time_limit_ns);
    fields.flag("copy", video.copy);
    fields.text("codec", video.codec);
    fields.number("width", video.width, 0, 16384);
    fields.number("height", video.height, 0, 16384);
    fields.flag("mirrored", video.mirrored);
    fields.number("rotation", video.rotation, 0, 270);
    fields.require(video.rotation % 90 == 0, "rotation");
    fields.text("level", video.level);
    fields.number("constant_quality", video.constant_quality, 0, 63);
    fields.number("max_bitrate_bps", video.max_bitrate_bps, 0, any_number);
    fields.flag("interlaced", video.interlaced);
    fields.flag("keyframe", video.keyframe);
    fields.require(!video.keyframe || (!video.copy && video.pts_ns.size() == 1), "keyframe");
    fields.number("frame_rate_num", video.frame_rate_num, 0, std::numeric_limits<std::int32_t>::max());
    fields.number("frame_rate_den", video.frame_rate_den, 1, std::numeric_limits<std::int32_t>::max());
    fields.text("burn_path", video.burn.path);
    fields.number("burn_zero_ns", video.burn.zero_ns, -time_limit_ns, time_limit_ns);
    fields.require(video.burn.path.empty() || !video.copy, "burn_path");
    fields.require(!video.pts_ns.empty() &&
                       video.ticks.size() == video.pts_ns.size() * video.pictures_per_frame() + 1,
                   "ticks");
    fields.require(video.copy || (video.width >= 2 && video.height >= 2), "width");
    return fields.status();
}

Status read(Fields fields, SheetJob &sheet)
{
    constexpr std::size_t tiles_most = 400;
    for (const auto &item : fields["tiles"].items()) {
        const auto numbers = item.items();
        Tile tile;
        std::array<std::int64_t *, 3> members{&tile.pts_ns, &tile.reach_ns, &tile.seek_ns};
        bool holds = numbers.size() == members.size() && sheet.tiles.size() < tiles_most;
        for (std::size_t i = 0; holds && i < members.size(); ++i) {
            const auto number = numbers[i].integer();
            holds = number && *number >= -time_limit_ns && *number <= time_limit_ns;
            *members[i] = number.value_or(0);
        }
        holds = holds && tile.reach_ns >= 0 && tile.seek_ns <= tile.pts_ns &&
                (sheet.tiles.empty() || tile.pts_ns > sheet.tiles.back().pts_ns);
        fields.require(holds, "tiles");
        if (!holds)
            break;
        sheet.tiles.push_back(tile);
    }
    fields.require(!sheet.tiles.empty(), "tiles");
    fields.number("tile_width", sheet.tile_width, 8, 640);
    fields.number("tile_height", sheet.tile_height, 2, 640);
    fields.number("columns", sheet.columns, 1, 20);
    fields.require(sheet.tile_width % 8 == 0, "tile_width");
    fields.require(sheet.tile_height % 2 == 0, "tile_height");
    fields.flag("mirrored", sheet.mirrored);
    fields.number("rotation", sheet.rotation, 0, 270);
    fields.require(sheet.rotation % 90 == 0, "rotation");
    fields.flag("interlaced", sheet.interlaced);
    fields.number("jpeg_quality", sheet.jpeg_quality, 1, 100);
    return fields.status();
}

Status read(Fields fields, AudioJob &audio)
{
    constexpr std::int64_t sample_limit = std::int64_t(1) << 50;
    fields.number("source_rate", audio.source_rate, 1000, 768'000);
    fields.number("rate", audio.rate, 1000, 768'000);
    fields.number("frame_samples", audio.frame_samples, 1, 65536);
    fields.number("first_frame", audio.first_frame, 0, sample_limit / 65536);
    fields.number("lead_frames", audio.lead_frames, 0, 16);
    fields.flag("constant_rate", audio.constant_rate);
    fields.number("gain_mdb", audio.gain_mdb, -60'000, 60'000);
    fields.flag("night", audio.night);
    fields.number("cut_samples", audio.cut_samples, 0, 65536);
    fields.require(audio.cut_samples < audio.frame_samples, "cut_samples");
    fields.number("frame_count", audio.frame_count, 1, frame_count_limit);
    fields.number("total_samples", audio.total_samples, 1, sample_limit);
    fields.number("zero_ns", audio.zero_ns, -time_limit_ns, time_limit_ns);
    fields.number("packet_samples", audio.packet_samples, 0, 65536);
    fields.number("packets_from_ns", audio.packets_from_ns, -time_limit_ns, time_limit_ns);
    fields.time_if_any("anchor_ns", audio.anchor_ns);
    fields.flag("told_at_end", audio.told_at_end);
    fields.flag("copy", audio.copy);
    fields.number("seek_ns", audio.seek_ns, -time_limit_ns, time_limit_ns);
    fields.text("codec", audio.codec);
    fields.number("bitrate_bps", audio.bitrate_bps, 0, 10'000'000);
    fields.number("channels", audio.channels, 1, 8);
    fields.number("byte_offset", audio.byte_offset, -1, any_number);
    fields.number("byte_offset_pts_ns", audio.byte_offset_pts_ns, -time_limit_ns, time_limit_ns);
    return fields.status();
}

} // namespace

std::string job_to_json(const Job &job)
{
    json::Writer writer;
    writer.begin_object().member("id", job.id).member("rendition", job.rendition);
    writer.member("segment", job.segment).member("init_only", job.init_only);
    write(writer, job.origin);
    if (job.is_sheet)
        write(writer, job.sheet);
    else if (job.is_video)
        write(writer, job.video);
    else
        write(writer, job.audio);
    writer.end_object();
    return writer.take();
}

Result<Job> job_from_json(const json::Value &value)
{
    Job job;
    Fields fields(value);
    fields.number("id", job.id, 0, any_number);
    fields.text("rendition", job.rendition);
    fields.number("segment", job.segment, 0, std::numeric_limits<std::int32_t>::max());
    fields.flag("init_only", job.init_only);
    job.is_video = value["video"].is_object();
    job.is_sheet = value["sheet"].is_object();
    fields.require(int{job.is_video} + int{job.is_sheet} + int{value["audio"].is_object()} == 1, "video");
    fields.require(!job.is_sheet || !job.init_only, "init_only");
    auto status = fields.status();
    if (status)
        status = read(Fields(value["origin"]), job.origin);
    if (status && job.is_sheet)
        status = read(Fields(value["sheet"]), job.sheet);
    else if (status)
        status =
            job.is_video ? read(Fields(value["video"]), job.video) : read(Fields(value["audio"]), job.audio);
    if (!status)
        return fail(std::move(status.error()));
    return job;
}

} // namespace butaca::pipelines
