// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/playback/dash.h"
#include "tests/playback/film.h"

using namespace butaca;
using namespace butaca::playback;

namespace {

std::string manifest(const Presentation &presentation)
{
    const test::PlannedBandwidth planned(presentation);
    return dash_manifest(presentation, planned.video, planned.audio);
}

bool holds(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

} // namespace

TEST(DashManifest, NamesEverySegmentOfTheFilmByItsNumberAndTime)
{
    auto planned = test::film().plan();
    ASSERT_TRUE(planned);
    std::string text = manifest(*planned);
    EXPECT_TRUE(holds(text, "mediaPresentationDuration=\"PT60.0")) << text;
    EXPECT_TRUE(holds(text, "media=\"$RepresentationID$/$Number$.m4s\" startNumber=\"0\""));
    const auto &timeline = *planned->video[0].timeline;
    std::string two_seconds = std::to_string(2 * timeline.timescale);
    EXPECT_TRUE(holds(text, "<S t=\"0\" d=\"" + two_seconds + "\" r=\"29\"/>")) << text;
}

TEST(DashManifest, TellsWhatAPlayerChoosesBy)
{
    auto planned = test::film().plan();
    ASSERT_TRUE(planned);
    std::string text = manifest(*planned);
    for (const auto &rendition : planned->video)
        EXPECT_TRUE(holds(text, "<Representation id=\"" + rendition.id + "\" codecs=\"" + rendition.codecs +
                                    "\" bandwidth=\"" + std::to_string(rendition.bandwidth.peak_bps) +
                                    "\" width=\"" + std::to_string(rendition.size.width) + "\""))
            << text;
    EXPECT_TRUE(holds(text, "frameRate=\"24\""));
    EXPECT_TRUE(holds(text, "par=\"16:9\""));
    EXPECT_TRUE(holds(text, "audioSamplingRate=\"48000\""));
    EXPECT_TRUE(holds(text, "ChannelConfiguration\" value=\"2\""));
}

TEST(DashManifest, NamesACopysCoarserGridApart)
{
    test::Original original = test::film();
    auto &packets = original.index->video[0];
    // One keyframe in two is not clean: copied segments are four seconds long, made ones two.
    std::erase_if(packets.clean_keyframes, [](std::uint32_t frame) { return frame % 96 != 0; });
    auto planned = original.plan();
    ASSERT_TRUE(planned);
    ASSERT_TRUE(planned->video.front().transform.copy);
    std::string text = manifest(*planned);
    std::uint64_t scale = planned->video[0].timeline->timescale;
    EXPECT_TRUE(holds(text, "segmentAlignment=\"false\""));
    EXPECT_TRUE(holds(text, "d=\"" + std::to_string(4 * scale) + "\" r=\"14\"")) << text;
    EXPECT_TRUE(holds(text, "d=\"" + std::to_string(2 * scale) + "\" r=\"29\"")) << text;
}

TEST(DashManifest, GivesEachSubtitleTrackItsRoleAndOneFile)
{
    auto planned = test::film().plan();
    ASSERT_TRUE(planned);
    planned->subtitles.resize(2);
    planned->subtitles[0] = {"abc", 0, "es", "Español", false, false, false, {0, 60'000'000'000}};
    planned->subtitles[1] = {"def", 1, "", "A & B", true, false, true, {0, 60'000'000'000}};
    std::string text = manifest(*planned);
    EXPECT_TRUE(holds(text, "mimeType=\"text/vtt\" lang=\"es\""));
    EXPECT_TRUE(holds(text, "<Label>Español</Label>"));
    EXPECT_TRUE(holds(text, "<BaseURL>abc/cues.vtt</BaseURL>"));
    EXPECT_TRUE(holds(text, "lang=\"und\""));
    EXPECT_TRUE(holds(text, "value=\"forced-subtitle\""));
    EXPECT_TRUE(holds(text, "<Label>A &amp; B</Label>"));
}

TEST(DashManifest, OfMusicHasNoPictures)
{
    test::Original original = test::film();
    original.asset->kind = media::Kind::audio;
    original.asset->video.clear();
    original.index->video.clear();
    auto planned = original.plan();
    ASSERT_TRUE(planned);
    std::string text = manifest(*planned);
    EXPECT_FALSE(holds(text, "contentType=\"video\""));
    EXPECT_TRUE(holds(text, "contentType=\"audio\""));
}
