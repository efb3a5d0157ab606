// SPDX-License-Identifier: LGPL-2.1-or-later
// Init segments.
#include <algorithm>
#include <set>

#include "client/check/mp4.h"

namespace butaca::client::check {

namespace {

constexpr std::size_t tracks_most = 64;

// Times and ids have 4 bytes in version 0 and 8 in version 1.
std::uint64_t duration_of(const Box &header, bool is_track)
{
    ByteReader reader(header.payload);
    const unsigned wide = reader.u8() == 1 ? 8 : 4;
    reader.skip(3 + 2 * wide + (is_track ? 8 : 4)); // flags, both dates, id and reserved or timescale
    const std::uint64_t duration = reader.number(wide);
    // All ones: not known, which is no promise either.
    const std::uint64_t unknown = wide == 8 ? UINT64_MAX : UINT32_MAX;
    return duration == unknown ? 0 : duration;
}

std::uint32_t track_id_of(const Box &header)
{
    ByteReader reader(header.payload);
    reader.skip(reader.u8() == 1 ? 19 : 11);
    return reader.u32();
}

std::uint32_t timescale_of(const Box &header)
{
    ByteReader reader(header.payload);
    reader.skip(reader.u8() == 1 ? 19 : 11);
    return reader.u32();
}

// Where the media begin that the first edit which shows any shows.
std::int64_t media_time_of(const Box &list)
{
    ByteReader reader(list.payload);
    const bool wide = reader.u8() == 1;
    reader.skip(3);
    const std::uint32_t count = std::min<std::uint32_t>(reader.u32(), 16);
    for (std::uint32_t i = 0; i < count && reader.ok(); i++) {
        reader.skip(wide ? 8 : 4);
        const std::uint64_t raw = reader.number(wide ? 8 : 4);
        const std::int64_t time = wide ? static_cast<std::int64_t>(raw) : static_cast<std::int32_t>(raw);
        reader.skip(4);
        constexpr std::int64_t most = std::int64_t{1} << 40;
        if (reader.ok() && time >= 0)
            return std::min(time, most);
    }
    return 0;
}

std::string handler_of(const Box &box)
{
    ByteReader reader(box.payload);
    reader.skip(8);
    return std::string(reader.bytes(4));
}

// Samples that the tables of an init segment hold, where there should be none.
std::uint32_t samples_of(const Box &trak)
{
    const auto sizes = descend(trak, "mdia/minf/stbl/stsz");
    if (!sizes)
        return 0;
    ByteReader reader(sizes->payload);
    reader.skip(8);
    return reader.u32();
}

std::optional<Track> read_track(const Box &trak, const Place &place, Findings &findings)
{
    const auto header = descend(trak, "tkhd");
    const auto media = descend(trak, "mdia/mdhd");
    const auto handler = descend(trak, "mdia/hdlr");
    const auto description = descend(trak, "mdia/minf/stbl/stsd");
    if (!header || !media || !handler || !description) {
        findings.add(Rule::init_form, place,
                     {!header    ? "trak, 0 × tkhd"
                      : !media   ? "trak, 0 × mdhd"
                      : !handler ? "trak, 0 × hdlr"
                                 : "trak, 0 × stsd"});
        return std::nullopt;
    }
    Track track;
    track.id = track_id_of(*header);
    track.timescale = timescale_of(*media);
    track.handler = handler_of(*handler);
    track.format = read_sample_description(*description);
    if (const auto edits = descend(trak, "edts/elst"))
        track.media_time = media_time_of(*edits);
    if (track.timescale == 0 || track.id == 0) {
        findings.add(Rule::init_form, place,
                     {track.timescale == 0 ? "mdhd, timescale = 0" : "tkhd, track_ID = 0"});
        return std::nullopt;
    }
    if (track.format.entry.empty())
        findings.add(Rule::init_form, place, {"stsd, 0 × sample entry"});
    if (const auto duration = duration_of(*header, true); duration != 0)
        findings.add(Rule::init_durations, place, {"tkhd", std::to_string(duration)});
    if (const auto samples = samples_of(trak); samples != 0)
        findings.add(Rule::init_samples, place, {std::to_string(samples)});
    return track;
}

void read_extends(const Box &moov, Init &init, const Place &place, Findings &findings)
{
    std::set<std::uint32_t> told;
    if (const auto extends = descend(moov, "mvex"))
        for (const Box &box : children(*extends).all) {
            if (box.type != "trex")
                continue;
            ByteReader reader(box.payload);
            reader.skip(4);
            const std::uint32_t id = reader.u32();
            reader.skip(4);
            const std::uint32_t duration = reader.u32();
            const std::uint32_t size = reader.u32();
            const std::uint32_t flags = reader.u32();
            for (Track &track : init.tracks)
                if (reader.ok() && track.id == id && told.insert(id).second) {
                    track.default_duration = duration;
                    track.default_size = size;
                    track.default_flags = flags;
                }
        }
    for (const Track &track : init.tracks)
        if (told.count(track.id) == 0)
            findings.add(Rule::init_extends, place, {std::to_string(track.id)});
}

} // namespace

const Track *Init::find(std::uint32_t id) const
{
    const auto found =
        std::find_if(tracks.begin(), tracks.end(), [&](const Track &track) { return track.id == id; });
    return found == tracks.end() ? nullptr : &*found;
}

const Track *Init::main() const
{
    const auto found = std::find_if(tracks.begin(), tracks.end(),
                                    [](const Track &track) { return track.handler == "vide"; });
    return found != tracks.end() ? &*found : tracks.empty() ? nullptr : &tracks.front();
}

Init read_init(std::string_view bytes, const Place &place, Findings &findings)
{
    Init init;
    const Boxes boxes = split_boxes(bytes, 0);
    if (boxes.bad_at) {
        findings.add(Rule::box_sizes, place, {"?", std::to_string(*boxes.bad_at)});
        if (boxes.all.empty())
            return init;
    }
    const Box *moov = boxes.find("moov");
    if (boxes.all.empty() || boxes.all.front().type != "ftyp" || boxes.count("moov") != 1)
        findings.add(Rule::init_form, place,
                     {std::to_string(boxes.count("ftyp")) + " × ftyp, " +
                      std::to_string(boxes.count("moov")) + " × moov"});
    if (!moov)
        return init;
    const Boxes inside = children(*moov);
    if (inside.bad_at)
        findings.add(Rule::box_sizes, place, {"moov", std::to_string(*inside.bad_at)});
    if (const Box *header = inside.find("mvhd"); header && duration_of(*header, false) != 0)
        findings.add(Rule::init_durations, place, {"mvhd", std::to_string(duration_of(*header, false))});
    for (const Box &box : inside.all)
        if (box.type == "trak" && init.tracks.size() < tracks_most)
            if (auto track = read_track(box, place, findings))
                init.tracks.push_back(std::move(*track));
    if (inside.count("trak") == 0)
        findings.add(Rule::init_form, place, {"moov, 0 × trak"});
    read_extends(*moov, init, place, findings);
    return init;
}

} // namespace butaca::client::check
