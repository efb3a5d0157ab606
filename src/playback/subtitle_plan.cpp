// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/subtitle_plan.h"

#include <tuple>

#include "src/base/encoding.h"
#include "src/media/language.h"

namespace butaca::playback {

namespace {

using media::CueForm;
using media::SubtitleTrack;

constexpr std::size_t identity_digits = 32; // as for all renditions
// Raised whenever our own code draws the same cues differently.
constexpr const char *drawing_version = "1";
// About how long a WebVTT segment is: they are small, and each costs a request.
constexpr std::int64_t text_segment_ns = 30'000'000'000;
// Drawing and this decision round times in different ways: a segment that has a cue only by that is made once
// more for nothing, while a cue lost would be seen.
constexpr std::int64_t rounding_ns = 50'000'000;

Error unmet(const std::string &why)
{
    return {ErrorCode::unprocessable, "the wish \"subtitles\" cannot be met: " + why, {}, 0};
}

// Better first: the whole text before the forced lines only, then what the file itself prefers.
bool is_better(const SubtitleTrack &a, const SubtitleTrack &b)
{
    auto rank = [](const SubtitleTrack &track) {
        return std::tuple(track.decodable, !track.forced, track.is_default, !track.hearing_impaired);
    };
    return rank(a) > rank(b);
}

// What the track is called in menus.
std::string name_of(const SubtitleTrack &track)
{
    if (!track.name.empty())
        return track.name;
    std::string name = media::own_language_name(track.language);
    if (name.empty())
        name = !track.language.empty() ? track.language : std::to_string(track.index + 1);
    return track.hearing_impaired ? name + " (SDH)" : name;
}

// Where text segments begin: on borders of the pictures' segments, so that all begin and end together.
std::vector<std::int64_t> text_borders_ns(const media::VideoTimeline &timeline)
{
    std::vector<std::int64_t> borders{0};
    for (std::size_t k = 1; k + 1 < timeline.borders.size(); k++) {
        std::int64_t at_ns = media::ns_from_ticks(timeline.ticks[timeline.borders[k]], timeline.timescale);
        if (at_ns - borders.back() >= text_segment_ns)
            borders.push_back(at_ns);
    }
    borders.push_back(media::ns_from_ticks(timeline.duration_ticks(), timeline.timescale));
    return borders;
}

// For each segment: is any picture of it shown while a cue is?
std::vector<bool> segments_with_cues(const media::VideoTimeline &timeline, const media::Subtitles &cues,
                                     std::int64_t zero_ns)
{
    std::vector<bool> with(timeline.segments(), false);
    auto begin_ns = [&](std::size_t k) {
        return media::ns_from_ticks(timeline.ticks[timeline.borders[k]], timeline.timescale);
    };
    for (const auto &cue : cues.cues) {
        std::int64_t from_ns = cue.start_ns - zero_ns - rounding_ns;
        std::int64_t to_ns = cue.end_ns - zero_ns + rounding_ns;
        // The last segment that begins at or before the cue, and all that begin while it lasts.
        std::size_t low = 0;
        std::size_t high = with.size();
        while (high - low > 1) {
            std::size_t middle = (low + high) / 2;
            (begin_ns(middle) <= from_ns ? low : high) = middle;
        }
        for (std::size_t k = low; k < with.size() && begin_ns(k) < to_ns; k++)
            if (begin_ns(k + 1) > from_ns)
                with[k] = true;
    }
    return with;
}

std::string identity(const std::string &what, const SubtitleTrack &track, const std::string &renderer)
{
    return sha256_hex(what + "\n" + track.digest + "\n" + renderer + "\n" + drawing_version)
        .substr(0, identity_digits);
}

} // namespace

Result<std::optional<unsigned>> chosen_subtitles(const media::Asset &asset, const Wishes &wishes)
{
    if (!wishes.subtitles)
        return std::nullopt;
    const auto &wish = *wishes.subtitles;
    const SubtitleTrack *best = nullptr;
    for (const auto &track : asset.subtitles) {
        bool meant = wish.index ? track.index == *wish.index
                                : wish.language.empty() || media::serves(track.language, wish.language);
        if (meant && (!best || is_better(track, *best)))
            best = &track;
    }
    if (!best)
        return fail(unmet(asset.subtitles.empty() ? "this title has no subtitles"
                          : wish.index            ? "there is no subtitle track of this number"
                                                  : "there are no subtitles in this language"));
    if (!best->decodable || best->digest.empty())
        return fail(unmet(best->reason.empty() ? "the subtitles cannot be read"
                                               : "the subtitles cannot be read: " + best->reason));
    if (!wish.burn && best->form == CueForm::pictures)
        return fail(unmet("these subtitles are pictures, which players cannot show by themselves; they can "
                          "be burned in (\"mode\": \"burn\")"));
    return best->index;
}

void offer_subtitles(Presentation &presentation, std::optional<unsigned> chosen)
{
    if (presentation.video.empty())
        return;
    for (const auto &track : presentation.asset->subtitles) {
        if (!track.decodable || track.digest.empty() || track.form == CueForm::pictures)
            continue;
        SubtitleRendition rendition;
        rendition.id = identity("text " + presentation.asset->digest, track, "");
        rendition.track = track.index;
        rendition.language = track.language;
        rendition.name = name_of(track);
        rendition.forced = track.forced;
        rendition.hearing_impaired = track.hearing_impaired;
        rendition.is_default = chosen == track.index;
        rendition.borders_ns = text_borders_ns(*presentation.video.front().timeline);
        presentation.plan.push_back(
            {"subtitles " + std::to_string(track.index), "track", "WebVTT",
             rendition.is_default ? "you asked for them; the player shows them over the picture"
                                  : "the player can show them over the picture",
             rendition.is_default ? "los pediste; el reproductor los muestra sobre la imagen"
                                  : "el reproductor puede mostrarlos sobre la imagen"});
        presentation.subtitles.push_back(std::move(rendition));
    }
}

void burn_subtitles(Presentation &presentation, unsigned track, const media::Subtitles &cues,
                    const std::string &renderer)
{
    const SubtitleTrack &burned = presentation.asset->subtitles[track];
    for (auto &rendition : presentation.video) {
        rendition.clean_id = rendition.id;
        rendition.id = identity(rendition.clean_id, burned, renderer);
        rendition.burned = segments_with_cues(*rendition.timeline, cues, presentation.zero_ns);
    }
    presentation.burned = track;
    presentation.plan.push_back(
        {"subtitles " + std::to_string(track), "burn", name_of(burned),
         "you asked for them inside the picture; only the parts with words in them "
         "are made anew",
         "los pediste dentro de la imagen; solo se rehacen las partes que llevan texto"});
}

} // namespace butaca::playback
