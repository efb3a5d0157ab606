// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/assemble.h"

#include <algorithm>
#include <limits>

#include "src/base/encoding.h"
#include "src/base/log.h"
#include "src/origin/caps_fields.h"
#include "src/origin/codecs.h"
#include "src/origin/lengths.h"
#include "src/origin/packets.h"
#include "src/origin/subtitles/fonts.h"
#include "src/origin/tracks.h"

namespace butaca::origin {

namespace {

// The container marks keyframes; the parser, if any, only describes.
const std::vector<Packet> &packets_of(const TrackRun &run, const Container &container)
{
    bool from_demuxer = !run.has_parser && !container.bare;
    if (run.kind == TrackKind::video && container.packets_are_frames)
        from_demuxer = true;
    return from_demuxer ? run.demuxed : run.parsed;
}

bool has_size(const GstCaps *caps)
{
    return caps && gst_caps_get_size(caps) > 0 &&
           gst_structure_has_field(gst_caps_get_structure(caps, 0), "width");
}

TrackFacts facts_of(TrackRun &run, const Container &container)
{
    TrackFacts facts;
    facts.pad = container.bare ? "src" : run.pad;
    // theoraparse 1.22 forgets the size that the demuxer told.
    const bool parsed =
        run.parsed_caps && (has_size(run.parsed_caps.get()) || !has_size(run.demuxed_caps.get()));
    const GstCaps *caps = parsed ? run.parsed_caps.get() : run.demuxed_caps.get();
    facts.caps = adopt(gst_caps_copy(caps));
    if (!run.configuration.empty()) {
        auto bytes = adopt(gst_buffer_new_memdup(run.configuration.data(), run.configuration.size()));
        gst_caps_set_simple(facts.caps.get(), "codec_data", GST_TYPE_BUFFER, bytes.get(), nullptr);
    }
    if (run.tags)
        facts.tags = adopt(gst_tag_list_copy(run.tags.get()));
    facts.selected = run.selected;
    facts.changes = run.changes || run.parameters.changed();
    return facts;
}

// A cover among the tracks: one picture beside sound.
bool is_cover(const TrackRun &run, const Container &container, bool has_audio)
{
    std::string codec = codec_of(run.demuxed_caps.get());
    return has_audio && (codec == "mjpeg" || codec == "png") && packets_of(run, container).size() <= 1;
}

class Assembler {
public:
    Assembler(Collector &collector, const Container &container) : collector_(collector), container_(container)
    {
    }

    ProbeResult assemble(const std::string &error);

private:
    void add_video(TrackRun &run);
    std::string orientation_of(const TrackRun &run) const;
    void add_audio(TrackRun &run);
    void add_subtitles(TrackRun &run);
    void judge(const std::string &error);
    void measure();

    Collector &collector_;
    const Container &container_;
    Dropped dropped_;
    ProbeResult result_;
};

// Tracks are told apart by their order, where each of the file's has come.
std::string Assembler::orientation_of(const TrackRun &run) const
{
    std::size_t position = 0;
    std::size_t count = 0;
    for (const auto &other : collector_.runs()) {
        if (other.get() == &run)
            position = count;
        count += other->kind == TrackKind::video;
    }
    return count == container_.orientations.size() ? container_.orientations[position] : "";
}

void Assembler::add_video(TrackRun &run)
{
    const unsigned needed_before = dropped_.needed;
    media::VideoPackets packets = video_packets(packets_of(run, container_), dropped_);
    if (packets.pts_ns.empty())
        return;
    TrackFacts facts = facts_of(run, container_);
    facts.orientation = orientation_of(run);
    media::VideoTrack track = video_track(facts);
    track.unshown = dropped_.needed > needed_before;
    track.index = static_cast<unsigned>(result_.asset.video.size());
    result_.asset.video.push_back(std::move(track));
    result_.index.video.push_back(std::move(packets));
}

// Where the parser counts in samples instead of bytes: packets follow each other without gaps.
void place_in_a_row(media::AudioPackets &packets, std::uint64_t offset)
{
    for (std::size_t i = 0; i < packets.size_bytes.size(); i++) {
        packets.offset[i] = offset;
        offset += packets.size_bytes[i];
    }
}

void Assembler::add_audio(TrackRun &run)
{
    TrackFacts facts = facts_of(run, container_);
    unsigned samples = codec_frame_samples(facts.caps.get());
    media::AudioTrack track = audio_track(facts);
    AudioClock clock{track.rate,
                     container_.grid_ns,
                     samples,
                     container_.bare,
                     cut_anywhere(facts.caps.get()),
                     track.codec == "vorbis"};
    media::AudioPackets packets =
        audio_packets(with_true_lengths(packets_of(run, container_), run, container_), clock, dropped_);
    if (packets.pts_ns.empty())
        return;
    if (container_.first_packet_byte != 0)
        place_in_a_row(packets, container_.first_packet_byte);
    // flacparse gives the last, shorter packet the length of the others; the header knows the true end.
    if (std::int64_t length_ns = flac_length_ns(facts.caps.get()); length_ns != 0) {
        std::int64_t end_ns = packets.pts_ns.front() + length_ns;
        if (end_ns > packets.pts_ns.back())
            packets.end_ns = std::min(packets.end_ns, end_ns);
    }
    packets.heard_from_ns = collector_.begins_ns();
    track.index = static_cast<unsigned>(result_.asset.audio.size());
    result_.asset.audio.push_back(std::move(track));
    result_.index.audio.push_back(std::move(packets));
}

void Assembler::add_subtitles(TrackRun &run)
{
    TrackFacts facts = facts_of(run, container_);
    media::SubtitleTrack track = subtitle_track(facts, container_.name);
    if (const MatroskaSubtitles *told = container_.subtitles_at(run.pad)) {
        track.forced = track.forced || told->forced;
        track.hearing_impaired = track.hearing_impaired || told->hearing_impaired;
        // It says more than the old field with its three letters ("pt-BR").
        if (!told->language.empty())
            track.language = told->language;
    }
    track.index = static_cast<unsigned>(result_.asset.subtitles.size());
    TrackHints hints{.palette = run.palette};
    for (const auto &other : collector_.runs())
        if (other->kind == TrackKind::video && other->demuxed_caps && hints.video_width == 0) {
            const GstStructure *video =
                first(other->parsed_caps ? other->parsed_caps.get() : other->demuxed_caps.get());
            hints.video_width = static_cast<std::uint32_t>(number(video, "width"));
            hints.video_height = static_cast<std::uint32_t>(number(video, "height"));
        }
    auto cues = subtitles_of_track(facts.caps.get(), std::move(run.texts), hints);
    if (cues && cues->form == media::CueForm::styled)
        add_attached_fonts(*cues, collector_.file_tags());
    result_.subtitles.push_back(describe_cues(cues, track));
    result_.asset.subtitles.push_back(std::move(track));
}

// Playable when any track is; else the reason in plain words.
void Assembler::judge(const std::string &error)
{
    media::Asset &asset = result_.asset;
    std::string missing;
    bool playable = false;
    auto look = [&](const auto &track) {
        playable = playable || track.decodable;
        if (!track.decodable && missing.empty())
            missing = track.reason;
    };
    std::for_each(asset.video.begin(), asset.video.end(), look);
    std::for_each(asset.audio.begin(), asset.audio.end(), look);
    if (playable)
        return;
    asset.broken = true;
    if (!missing.empty())
        asset.reason = missing;
    else if (!error.empty())
        asset.reason = "the file is damaged: " + error;
    else if (!collector_.runs().empty())
        asset.reason = "the file holds no picture and no sound that could be read";
    else
        asset.reason = "the file holds neither pictures nor sound";
}

// From the first instant that is presented to the last.
void Assembler::measure()
{
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    std::int64_t last = std::numeric_limits<std::int64_t>::min();
    for (const media::VideoPackets &packets : result_.index.video) {
        first = std::min(first, packets.pts_ns.front());
        last = std::max(last, packets.end_ns);
    }
    for (const media::AudioPackets &packets : result_.index.audio) {
        first = std::min(first, std::max(packets.heard_from_ns, packets.pts_ns.front()));
        last = std::max(last, packets.end_ns);
    }
    result_.asset.duration_ns = last > first ? last - first : 0;
}

ProbeResult Assembler::assemble(const std::string &error)
{
    media::Asset &asset = result_.asset;
    asset.container = container_.name;
    asset.demuxer = container_.demuxer;
    asset.tags = file_tags(collector_.file_tags(),
                           container_.demuxer == "qtdemux" || container_.demuxer == "matroskademux");
    auto &runs = collector_.runs();
    bool has_audio =
        std::any_of(runs.begin(), runs.end(), [](auto &run) { return run->kind == TrackKind::audio; });
    for (auto &run : runs) {
        if (!run->parsed_caps && !run->demuxed_caps)
            continue;
        if (run->kind == TrackKind::video && !is_cover(*run, container_, has_audio))
            add_video(*run);
        else if (run->kind == TrackKind::audio)
            add_audio(*run);
        else if (run->kind == TrackKind::subtitle)
            add_subtitles(*run);
    }
    result_.cover = cover_of(collector_.file_tags());
    if (!result_.cover.empty())
        asset.cover = sha256_hex(result_.cover);
    asset.kind = asset.video.empty() ? media::Kind::audio : media::Kind::video;
    measure();
    judge(error);
    log::debug("probe.done", {{"outside_edit", dropped_.outside_edit},
                              {"duplicate_time", dropped_.duplicate_time},
                              {"without_time", dropped_.without_time},
                              {"hidden", dropped_.hidden},
                              {"undecodable", dropped_.undecodable}});
    return std::move(result_);
}

} // namespace

ProbeResult assemble(Collector &collector, const Container &container, const std::string &error)
{
    return Assembler(collector, container).assemble(error);
}

} // namespace butaca::origin
