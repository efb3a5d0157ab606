// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/dash.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>

#include "src/base/xml_writer.h"

namespace butaca::playback {

namespace {

constexpr std::string_view role_scheme = "urn:mpeg:dash:role:2011";

// xs:duration, to the microsecond.
std::string duration(double seconds)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "PT%.6fS", seconds);
    return text.data();
}

// Where the segments of a rendition begin, and the end, in ticks of presentation time.
struct Grid {
    std::uint32_t timescale = 1;
    std::vector<std::int64_t> starts;

    friend bool operator==(const Grid &, const Grid &) = default;
};

Grid grid(const VideoRendition &rendition)
{
    Grid made{rendition.timeline->timescale, {}};
    for (std::uint32_t frame : rendition.borders())
        made.starts.push_back(rendition.timeline->ticks[frame]);
    return made;
}

Grid grid(const AudioRendition &rendition)
{
    Grid made{rendition.timeline.rate, {}};
    for (std::uint32_t frame : rendition.timeline.borders)
        made.starts.push_back(rendition.timeline.start_of(frame));
    return made;
}

// Equal durations in a row are one entry (5.3.9.6).
void write_timeline(XmlWriter &xml, const Grid &grid)
{
    xml.begin("SegmentTemplate")
        .attribute("timescale", grid.timescale)
        .attribute("initialization", "$RepresentationID$/init.mp4")
        .attribute("media", "$RepresentationID$/$Number$.m4s")
        .attribute("startNumber", 0);
    xml.begin("SegmentTimeline");
    for (std::size_t k = 0; k + 1 < grid.starts.size();) {
        std::int64_t length = grid.starts[k + 1] - grid.starts[k];
        std::size_t next = k + 1;
        while (next + 1 < grid.starts.size() && grid.starts[next + 1] - grid.starts[next] == length)
            next++;
        xml.begin("S").attribute("t", static_cast<std::uint64_t>(grid.starts[k]));
        xml.attribute("d", static_cast<std::uint64_t>(length));
        if (next - k > 1)
            xml.attribute("r", next - k - 1);
        xml.end();
        k = next;
    }
    xml.end().end();
}

void write_descriptor(XmlWriter &xml, std::string_view name, std::string_view scheme, std::string_view value)
{
    xml.begin(name).attribute("schemeIdUri", scheme).attribute("value", value).end();
}

std::string ratio(std::int64_t num, std::int64_t den, char between)
{
    std::int64_t common = std::max<std::int64_t>(1, std::gcd(num, den));
    return std::to_string(num / common) + between + std::to_string(den / common);
}

// "24000/1001", "25": a whole number stands alone (5.3.7.2). The average where it varies.
std::string frame_rate(const VideoRendition &rendition)
{
    const auto &rate = rendition.timeline->rate.num > 0 ? rendition.timeline->rate : rendition.frame_rate;
    std::string text = ratio(rate.num, rate.den, '/');
    return text.ends_with("/1") ? text.substr(0, text.size() - 2) : text;
}

void write_video(XmlWriter &xml, const Presentation &presentation, const std::vector<Bandwidth> &bandwidth)
{
    if (presentation.video.empty())
        return;
    std::vector<Grid> grids;
    for (const auto &rendition : presentation.video)
        grids.push_back(grid(rendition));
    // A copy may have the coarser grid.
    bool aligned = std::all_of(grids.begin(), grids.end(), [&](const Grid &one) { return one == grids[0]; });
    const media::Size &size = presentation.video.front().size;
    xml.begin("AdaptationSet")
        .attribute("contentType", "video")
        .attribute("mimeType", "video/mp4")
        .attribute("segmentAlignment", aligned ? "true" : "false")
        .attribute("startWithSAP", 1)
        .attribute("par", ratio(size.width, size.height, ':'));
    write_descriptor(xml, "Role", role_scheme, "main");
    if (aligned)
        write_timeline(xml, grids[0]);
    for (std::size_t i = 0; i < presentation.video.size(); i++) {
        const auto &rendition = presentation.video[i];
        xml.begin("Representation")
            .attribute("id", rendition.id)
            .attribute("codecs", rendition.codecs)
            .attribute("bandwidth", std::max<std::uint64_t>(1, bandwidth[i].peak_bps))
            .attribute("width", rendition.size.width)
            .attribute("height", rendition.size.height)
            .attribute("sar", "1:1")
            .attribute("frameRate", frame_rate(rendition));
        if (!aligned)
            write_timeline(xml, grids[i]);
        xml.end();
    }
    xml.end();
}

// ISO/IEC 23091-3: which loudspeakers there are. Its configurations 1 to 6 are numbered by their channels.
std::string loudspeakers(unsigned channels)
{
    constexpr unsigned with_a_back = 11, with_sides = 12;
    return std::to_string(channels == 7 ? with_a_back : channels == 8 ? with_sides : channels);
}

std::string language_of(const std::string &language) { return language.empty() ? "und" : language; }

void write_audio(XmlWriter &xml, const AudioRendition &rendition, const Bandwidth &bandwidth)
{
    xml.begin("AdaptationSet")
        .attribute("contentType", "audio")
        .attribute("mimeType", "audio/mp4")
        .attribute("lang", language_of(rendition.language))
        .attribute("segmentAlignment", "true")
        .attribute("startWithSAP", 1);
    if (!rendition.name.empty())
        xml.element("Label", rendition.name);
    write_descriptor(xml, "Role", role_scheme, rendition.is_default ? "main" : "alternate");
    write_timeline(xml, grid(rendition));
    xml.begin("Representation")
        .attribute("id", rendition.id)
        .attribute("codecs", rendition.codecs)
        .attribute("bandwidth", std::max<std::uint64_t>(1, bandwidth.peak_bps))
        .attribute("audioSamplingRate", rendition.transform.rate);
    write_descriptor(xml, "AudioChannelConfiguration", "urn:mpeg:mpegB:cicp:ChannelConfiguration",
                     loudspeakers(rendition.transform.channels));
    xml.end().end();
}

void write_subtitles(XmlWriter &xml, const SubtitleRendition &rendition)
{
    // Of text nobody reckons; the attribute may not be missing (5.3.5.2).
    constexpr std::uint64_t text_bps = 1000;
    xml.begin("AdaptationSet")
        .attribute("contentType", "text")
        .attribute("mimeType", "text/vtt")
        .attribute("lang", language_of(rendition.language));
    if (!rendition.name.empty())
        xml.element("Label", rendition.name);
    if (rendition.hearing_impaired)
        write_descriptor(xml, "Accessibility", "urn:tva:metadata:cs:AudioPurposeCS:2007", "2");
    write_descriptor(xml, "Role", role_scheme,
                     rendition.forced             ? "forced-subtitle"
                     : rendition.hearing_impaired ? "caption"
                                                  : "subtitle");
    if (rendition.is_default)
        write_descriptor(xml, "Role", role_scheme, "main");
    xml.begin("Representation").attribute("id", rendition.id).attribute("bandwidth", text_bps);
    xml.element("BaseURL", rendition.id + "/" + cues_file);
    xml.end().end();
}

struct Lengths {
    double whole_s = 0;
    double longest_segment_s = 0;

    void add(const Grid &grid)
    {
        whole_s = std::max(whole_s, static_cast<double>(grid.starts.back()) / grid.timescale);
        for (std::size_t k = 0; k + 1 < grid.starts.size(); k++)
            longest_segment_s = std::max(
                longest_segment_s, static_cast<double>(grid.starts[k + 1] - grid.starts[k]) / grid.timescale);
    }
};

} // namespace

std::string dash_manifest(const Presentation &presentation, const std::vector<Bandwidth> &video_bandwidth,
                          const std::vector<Bandwidth> &audio_bandwidth)
{
    XmlWriter xml;
    Lengths lengths;
    for (const auto &rendition : presentation.video)
        lengths.add(grid(rendition));
    for (const auto &rendition : presentation.audio)
        lengths.add(grid(rendition));
    std::string whole = duration(lengths.whole_s);
    std::string segment = duration(lengths.longest_segment_s);
    xml.begin("MPD")
        .attribute("xmlns", "urn:mpeg:dash:schema:mpd:2011")
        .attribute("profiles", "urn:mpeg:dash:profile:isoff-live:2011")
        .attribute("type", "static")
        .attribute("mediaPresentationDuration", whole)
        .attribute("maxSegmentDuration", segment)
        // A bandwidth here is the peak of any one segment, so one segment in store is enough (5.3.5.2).
        .attribute("minBufferTime", segment);
    xml.begin("Period").attribute("id", 0).attribute("start", "PT0S").attribute("duration", whole);
    write_video(xml, presentation, video_bandwidth);
    for (std::size_t i : presentation.audio_by_preference())
        write_audio(xml, presentation.audio[i], audio_bandwidth[i]);
    for (const auto &rendition : presentation.subtitles)
        write_subtitles(xml, rendition);
    xml.end().end();
    return xml.take();
}

} // namespace butaca::playback
