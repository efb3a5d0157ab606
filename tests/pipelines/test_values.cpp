// SPDX-License-Identifier: LGPL-2.1-or-later
// The pure parts: wire frames, jobs as JSON, frame matching, audio arithmetic, sample placement.
#include <numeric>

#include <gtest/gtest.h>

#include "pipelines/audio_plan.h"
#include "pipelines/frame_matcher.h"
#include "pipelines/job.h"
#include "pipelines/piece_layout.h"
#include "pipelines/sample_strip.h"
#include "pipelines/segment_graph.h"
#include "pipelines/ticks.h"
#include "pipelines/wire.h"

using namespace butaca;
using namespace butaca::pipelines;

TEST(Wire, FramesSurviveAnyCuttingOfTheStream)
{
    const std::string stream = encode_frame(FrameType::job, "{}") + encode_frame(FrameType::data, "") +
                               encode_frame(FrameType::end, std::string(300, 'x'));
    for (std::size_t step : {1U, 3U, 7U, 1000U}) {
        FrameReader reader;
        std::string seen;
        for (std::size_t at = 0; at < stream.size(); at += step) {
            reader.feed(std::string_view(stream).substr(at, step));
            while (auto frame = reader.next())
                seen += static_cast<char>(frame->type) + std::to_string(frame->payload.size()) + " ";
        }
        EXPECT_EQ(seen, "J2 D0 E300 ");
        EXPECT_FALSE(reader.broken());
    }
}

TEST(Wire, RefusesUnknownTypesAndLengthsOverTheLimit)
{
    for (std::string_view bytes : {std::string_view("\0\0\0\1X", 5), std::string_view("\0\0\0\0", 4),
                                   std::string_view("\x7f\xff\xff\xff", 4)}) {
        FrameReader reader;
        reader.feed(bytes);
        EXPECT_FALSE(reader.next());
        EXPECT_TRUE(reader.broken());
        reader.feed(encode_frame(FrameType::job, "{}"));
        EXPECT_FALSE(reader.next());
    }
}

namespace {

Job some_job(bool video)
{
    Job job;
    job.id = 7;
    job.rendition = "r";
    job.segment = 3;
    job.origin = {"vs",
                  {"127.0.0.1:8081", "[::1]:8081"},
                  "ab12",
                  "secret",
                  "qtdemux",
                  "video_0",
                  "video/x-h264, stream-format=(string)avc, alignment=(string)au"};
    job.is_video = video;
    job.video.timescale = 24;
    job.video.ticks = {144, 145, 146};
    job.video.decode_ticks = {142, 143, 144};
    job.video.pts_ns = {6'000'000'000, 6'041'666'666};
    job.video.before_ns = 5'958'333'333;
    job.video.after_ns = 6'083'333'333;
    job.video.seek_ns = 5'000'000'000;
    job.video.width = 854;
    job.video.height = 480;
    job.audio.source_rate = 44100;
    job.audio.rate = 48000;
    job.audio.frame_samples = 1024;
    job.audio.first_frame = 100;
    job.audio.frame_count = 50;
    job.audio.total_samples = 10'000'000;
    job.audio.anchor_ns = 2'000'000'001;
    job.audio.told_at_end = true;
    return job;
}

} // namespace

TEST(Job, ComesBackFromJsonUnchanged)
{
    for (bool video : {true, false}) {
        const auto text = job_to_json(some_job(video));
        auto value = json::Value::parse(text);
        ASSERT_TRUE(value);
        auto job = job_from_json(*value);
        ASSERT_TRUE(job) << job.error().detail;
        EXPECT_EQ(job_to_json(*job), text);
    }
}

TEST(Job, OfASheetComesBackToo)
{
    Job job = some_job(true);
    job.is_sheet = true;
    job.sheet = {{{0, 20, 0}, {100, 20, 50}}, 240, 136, 5, true, 90, true, 80};
    auto refused = [&](auto change) {
        Job other = job;
        change(other.sheet);
        auto value = json::Value::parse(job_to_json(other));
        return value && !job_from_json(*value);
    };
    auto value = json::Value::parse(job_to_json(job));
    ASSERT_TRUE(value);
    auto back = job_from_json(*value);
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_TRUE(back->is_sheet);
    EXPECT_EQ(job_to_json(*back), job_to_json(job));
    EXPECT_TRUE(refused([](SheetJob &sheet) { sheet.tiles.clear(); }));
    EXPECT_TRUE(refused([](SheetJob &sheet) { sheet.tiles[1].pts_ns = 0; }));
    EXPECT_TRUE(refused([](SheetJob &sheet) { sheet.tiles[1].seek_ns = 101; }));
    EXPECT_TRUE(refused([](SheetJob &sheet) { sheet.tiles.resize(1000); }));
    EXPECT_TRUE(refused([](SheetJob &sheet) { sheet.tile_width = 100; }));
    EXPECT_TRUE(refused([](SheetJob &sheet) { sheet.tile_height = 100'000; }));
    EXPECT_TRUE(refused([](SheetJob &sheet) { sheet.columns = 0; }));
    EXPECT_FALSE(refused([](SheetJob &) {}));
}

TEST(Job, RefusesWhatCannotBe)
{
    auto refused = [](auto change, bool video = true) {
        Job job = some_job(video);
        change(job);
        auto value = json::Value::parse(job_to_json(job));
        return value && !job_from_json(*value);
    };
    EXPECT_TRUE(refused([](Job &job) { job.video.ticks.pop_back(); }));
    EXPECT_TRUE(refused([](Job &job) { job.video.decode_ticks.pop_back(); }));
    EXPECT_TRUE(refused([](Job &job) { job.video.pts_ns = {5, 5}; }));
    EXPECT_TRUE(refused([](Job &job) { job.video.before_ns = 6'000'000'000; }));
    EXPECT_TRUE(refused([](Job &job) { job.video.after_ns = 6'000'000'000; }));
    EXPECT_FALSE(refused([](Job &job) { job.video.after_ns.reset(); }));
    EXPECT_TRUE(refused([](Job &job) { job.video.timescale = 0; }));
    EXPECT_TRUE(refused([](Job &job) { job.video.width = 100'000; }));
    EXPECT_TRUE(refused([](Job &job) { job.video.rotation = 45; }));
    EXPECT_TRUE(refused([](Job &job) { job.origin.scheme = "http"; }));
    EXPECT_TRUE(refused([](Job &job) { job.origin.addresses.clear(); }));
    EXPECT_TRUE(refused([](Job &job) { job.audio.frame_count = 0; }, false));
    EXPECT_TRUE(refused([](Job &job) { job.audio.zero_ns = INT64_MIN; }, false));
    EXPECT_FALSE(refused([](Job &) {}));
}

TEST(Ticks, RoundToNearestBothWaysAndBeyond64Bits)
{
    EXPECT_EQ(ns_from(1, 3), 333'333'333);
    EXPECT_EQ(ns_from(2, 3), 666'666'667);
    EXPECT_EQ(ns_from(-2, 3), -666'666'667);
    EXPECT_EQ(ticks_from(ns_from(1'000'000'007, 90'000), 90'000), 1'000'000'007);
    EXPECT_EQ(scale_round(std::int64_t(1) << 60, 1'000'000'000, 1'000'000'000), std::int64_t(1) << 60);
}

TEST(FrameMatcher, TakesEachFrameOnceAndDropsThoseBefore)
{
    FrameMatcher matcher({100, 140, 180}, 60, 220);
    EXPECT_EQ(matcher.match(60).verdict, FrameMatcher::Verdict::drop);
    EXPECT_EQ(matcher.match(101).verdict, FrameMatcher::Verdict::take);
    EXPECT_EQ(matcher.match(105).verdict, FrameMatcher::Verdict::drop);
    EXPECT_EQ(matcher.match(139).missing, 0U);
    EXPECT_FALSE(matcher.complete());
    EXPECT_EQ(matcher.match(180).verdict, FrameMatcher::Verdict::take);
    EXPECT_TRUE(matcher.complete());
}

// A screen recording: a frame shortly before a segment's first one must not be taken for it.
TEST(FrameMatcher, TellsAFrameFromItsNearNeighbourInAnotherSegment)
{
    FrameMatcher first({1000, 2000}, 990, 2010);
    EXPECT_EQ(first.match(990).verdict, FrameMatcher::Verdict::drop);
    EXPECT_EQ(first.match(1000).verdict, FrameMatcher::Verdict::take);
    const auto later = first.match(2010);
    EXPECT_EQ(later.verdict, FrameMatcher::Verdict::beyond);
    EXPECT_EQ(later.missing, 1U);
}

TEST(FrameMatcher, TakesAFilmsOnlyFrame)
{
    FrameMatcher matcher({100}, std::nullopt, std::nullopt);
    EXPECT_EQ(matcher.match(101).verdict, FrameMatcher::Verdict::take);
    EXPECT_TRUE(matcher.complete());
}

TEST(FrameMatcher, CountsWhatIsMissing)
{
    FrameMatcher middle({100, 140, 180, 220}, 60, 260);
    EXPECT_EQ(middle.match(100).missing, 0U);
    EXPECT_EQ(middle.match(220).missing, 2U);

    FrameMatcher beyond({100, 140, 180}, 60, 220);
    EXPECT_EQ(beyond.match(100).verdict, FrameMatcher::Verdict::take);
    const auto match = beyond.match(260);
    EXPECT_EQ(match.verdict, FrameMatcher::Verdict::beyond);
    EXPECT_EQ(match.missing, 2U);
    EXPECT_TRUE(beyond.complete());

    FrameMatcher ended({100, 140, 180}, 60, 220);
    EXPECT_EQ(ended.end(), 3U);
    EXPECT_TRUE(ended.complete());
}

TEST(AudioPlan, EachSegmentBeginsWhereFixedRulesSay)
{
    AudioJob audio = some_job(false).audio;
    auto plan = plan_audio(audio, "audio/mpeg, mpegversion=(int)4", {1024, 1024});
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->skip_packets, 5);
    EXPECT_EQ(plan->first_out, 96 * 1024);
    EXPECT_GE(plan->end_out, 151 * 1024);
    // The resampler starts where a source sample and an output sample coincide.
    EXPECT_EQ(plan->first_source % 147, 0);
    EXPECT_EQ(plan->resampled_from % 160, 0);
    EXPECT_EQ(plan->first_source * 160, plan->resampled_from * 147);
    EXPECT_LT(plan->resampled_from, plan->first_out - 1000);
    EXPECT_LE(plan->packets_from_ns, ns_from(plan->first_source, 44100) - second_ns / 5);
}

TEST(AudioPlan, BeginsBeforeTimeZeroForTheFirstSegment)
{
    AudioJob audio = some_job(false).audio;
    audio.first_frame = 0;
    auto plan = plan_audio(audio, "audio/mpeg, mpegversion=(int)4", {1024, 1024});
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->first_out, -4096);
    EXPECT_LE(plan->first_source * 160, std::int64_t(-4096) * 147);
    EXPECT_EQ(plan->first_source % 147, 0);
}

TEST(AudioPlan, RefusesAnEncoderOfAnotherFrameLength)
{
    EXPECT_FALSE(plan_audio(some_job(false).audio, "audio/x-opus", {960, 960}));
}

TEST(AudioPlan, SnapsRoundedTimesToTheGridOfPackets)
{
    AudioJob audio = some_job(false).audio;
    audio.source_rate = 48000;
    audio.packet_samples = 960;
    audio.packets_from_ns = 7'000'000;
    EXPECT_EQ(source_sample(audio, 7'000'000), 336);
    EXPECT_EQ(source_sample(audio, 28'000'000), 336 + 960);
    EXPECT_EQ(source_sample(audio, 46'000'000), 336 + 2 * 960);
}

TEST(AudioTicks, AreExactAndTheLastOneIsCut)
{
    AudioJob audio = some_job(false).audio;
    audio.first_frame = 10;
    audio.frame_count = 3;
    audio.total_samples = 12 * 1024 + 100;
    EXPECT_EQ(audio_ticks(audio), (std::vector<std::int64_t>{10240, 11264, 12288, 12388}));
}

TEST(SampleStrip, PlacesCutsAndSilences)
{
    SampleStrip strip(-2, 3, 2);
    const std::vector<float> samples{1, 1, 2, 2, 3, 3};
    strip.place(-4, samples);
    strip.place(1, samples);
    EXPECT_EQ(strip.samples(), (std::vector<float>{3, 3, 0, 0, 0, 0, 1, 1, 2, 2}));
    strip.keep(0, 2);
    EXPECT_EQ(strip.cut(-3, 4), (std::vector<float>{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0}));
}

TEST(PieceLayout, CountsFromWhatIsKnownExactly)
{
    std::vector<Piece> pieces;
    // 128 samples each from 1000 on, told in steps of 44.
    for (std::int64_t i = 0; i < 20; ++i)
        pieces.push_back({(1000 + 128 * i + 21) / 44 * 44, std::vector<float>(128)});
    auto other = pieces;
    other.erase(other.begin(), other.begin() + 7);
    lay_out(pieces, 1, 132, 1000 + 128 * 10);
    lay_out(other, 1, 132, 1000 + 128 * 10);
    EXPECT_EQ(pieces.front().position, 1000);
    EXPECT_EQ(pieces.back().position, 1000 + 128 * 19);
    EXPECT_EQ(other.back().position, 1000 + 128 * 19);
    // One that is nowhere near is none.
    lay_out(other, 1, 132, 100'000);
    EXPECT_NEAR(static_cast<double>(other.back().position), 1000 + 128 * 19, 1);
}

TEST(PieceLayout, AbsorbsRoundingAndKeepsGaps)
{
    std::vector<Piece> pieces;
    for (std::int64_t position : {1000, 1112, 1190, 1302, 9000})
        pieces.push_back({position, std::vector<float>(100)});
    lay_out(pieces, 1, 50);
    const std::int64_t start = pieces[0].position;
    EXPECT_NEAR(static_cast<double>(start), 1001, 1);
    EXPECT_EQ(pieces[1].position, start + 100);
    EXPECT_EQ(pieces[3].position, start + 300);
    EXPECT_EQ(pieces[4].position, 9000);
}
