// SPDX-License-Identifier: LGPL-2.1-or-later
// Where samples go and when they are decoded, as values.
#include <gtest/gtest.h>

#include "plugins/mux/grid.h"
#include "plugins/mux/segmenter.h"
#include "tests/plugins/mux_support.h"

using namespace butaca;
using namespace butaca::mux;

namespace {

SegmenterOptions options(Codec codec = Codec::avc)
{
    SegmenterOptions chosen;
    chosen.codec = codec;
    chosen.timescale = 24000;
    return chosen;
}

Arrival picture(std::int64_t start, bool sync = false, std::int64_t duration = 1000)
{
    return {start, start + duration, 10, sync, false};
}

std::string message(const Status &status) { return status ? "" : status.error().message; }

test::ReadFragment fragment_of(const Chunk &chunk)
{
    Bytes bytes = chunk.head;
    bytes.resize(bytes.size() + chunk.payload_bytes);
    return test::fragments(bytes, difference_flags).at(0);
}

} // namespace

TEST(Grid, DecodesTheJthSampleAtTheJthPresentationTime)
{
    auto grid = Grid::from_times({0, 1000, 2000, 3500, 4000});
    ASSERT_TRUE(grid);
    const std::int64_t shown[] = {0, 3500, 1000, 2000};
    const SampleTime expected[] = {{0, 1000, 0}, {1000, 1000, 2500}, {2000, 1500, -1000}, {3500, 500, -1500}};
    for (std::size_t j = 0; j < 4; j++) {
        const auto time = grid->place(shown[j]);
        ASSERT_TRUE(time);
        EXPECT_EQ(time->decode, expected[j].decode);
        EXPECT_EQ(time->duration, expected[j].duration);
        EXPECT_EQ(time->composition_offset, expected[j].composition_offset);
    }
    EXPECT_TRUE(grid->complete());
    EXPECT_FALSE(grid->place(0));
}

TEST(Grid, RefusesSamplesThatDoNotFit)
{
    auto grid = Grid::from_times({0, 10, 20});
    ASSERT_TRUE(grid);
    EXPECT_FALSE(grid->place(5));
    EXPECT_FALSE(grid->place(20)); // the end is no sample
    EXPECT_TRUE(grid->place(10));
    EXPECT_FALSE(grid->place(10));
    EXPECT_EQ(grid->first_missing(), 0);
}

TEST(Grid, RefusesTimesThatAreNoGrid)
{
    EXPECT_FALSE(Grid::from_times({}));
    EXPECT_FALSE(Grid::from_times({5}));
    EXPECT_FALSE(Grid::from_times({5, 5}));
    EXPECT_FALSE(Grid::from_times({5, 4}));
    EXPECT_FALSE(Grid::from_times({-1, 4}));
    EXPECT_FALSE(Grid::from_times({0, std::int64_t{1} << 31}));
    const Bytes ragged(23, 0);
    EXPECT_FALSE(Grid::from_bytes(ragged));
}

TEST(Segmenter, HoldsPicturesUntilTheNextKeyframe)
{
    Segmenter segmenter(options());
    for (const Arrival &arrival : {picture(0, true), picture(3000), picture(1000), picture(2000)}) {
        ASSERT_TRUE(segmenter.add(arrival));
        EXPECT_FALSE(segmenter.take());
    }
    ASSERT_TRUE(segmenter.add(picture(4000, true)));
    const auto chunk = segmenter.take();
    ASSERT_TRUE(chunk);
    EXPECT_EQ(chunk->samples, 4u);
    EXPECT_TRUE(chunk->first && chunk->last && chunk->starts_with_sync);
    const auto fragment = fragment_of(*chunk);
    EXPECT_EQ(fragment.tfdt, 0u);
    EXPECT_EQ(fragment.samples[1].offset, 2000);
    EXPECT_EQ(fragment.samples[2].offset, -1000);
    EXPECT_EQ(fragment.samples[0].flags, sync_flags);
    ASSERT_TRUE(segmenter.finish());
    EXPECT_EQ(fragment_of(*segmenter.take()).tfdt, 4000u);
}

TEST(Segmenter, LetsChunksOfAGridLeaveAsSoonAsTheyAreFull)
{
    SegmenterOptions chosen = options();
    chosen.chunk_samples = 2;
    chosen.first_chunk_samples = 1;
    Segmenter segmenter(chosen);
    ASSERT_TRUE(segmenter.begin_grid(*Grid::from_times({0, 1000, 2000, 3000, 4000})));
    std::vector<std::size_t> sizes;
    std::vector<bool> last;
    for (const Arrival &arrival : {picture(0, true), picture(3000), picture(1000), picture(2000)}) {
        ASSERT_TRUE(segmenter.add(arrival));
        const auto chunk = segmenter.take();
        sizes.push_back(chunk ? chunk->samples : 0);
        last.push_back(chunk && chunk->last);
    }
    EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 0, 2, 1}));
    EXPECT_EQ(last, (std::vector<bool>{false, false, false, true}));
    EXPECT_TRUE(segmenter.at_border());
}

TEST(Segmenter, AddsAShiftSoThatNoOffsetIsNegative)
{
    SegmenterOptions chosen = options();
    chosen.composition_shift = 2000;
    Segmenter segmenter(chosen);
    for (const Arrival &arrival :
         {picture(0, true), picture(4000), picture(2000), picture(1000), picture(3000)})
        ASSERT_TRUE(segmenter.add(arrival));
    ASSERT_TRUE(segmenter.finish());
    const auto fragment = fragment_of(*segmenter.take());
    EXPECT_EQ(fragment.tfdt, 0u);
    for (const auto &sample : fragment.samples)
        EXPECT_GE(sample.offset, 0);
    EXPECT_EQ(fragment.samples[0].offset, 2000);
}

TEST(Segmenter, EndsASegmentWhereTheNextKeyframeIsInSpiteOfRoundedDurations)
{
    Segmenter segmenter(options());
    ASSERT_TRUE(segmenter.add(picture(0, true, 999)));
    ASSERT_TRUE(segmenter.add(picture(1000, true, 999)));
    EXPECT_EQ(segmenter.take()->end, 1000);
}

TEST(Segmenter, RefusesPicturesThatFollowNoOrder)
{
    Segmenter unkeyed(options());
    EXPECT_EQ(message(unkeyed.add(picture(0))), "the stream does not begin with a keyframe");
    Segmenter doubled(options());
    ASSERT_TRUE(doubled.add(picture(0, true)));
    ASSERT_TRUE(doubled.add(picture(0)));
    EXPECT_FALSE(doubled.finish());
    Segmenter back(options());
    ASSERT_TRUE(back.add(picture(1000, true)));
    EXPECT_EQ(message(back.add(picture(0, true))),
              "a keyframe is not later than the pictures before it at tick 0");
    Segmenter timeless(options());
    EXPECT_FALSE(timeless.add({std::nullopt, std::nullopt, 10, true, false}));
}

TEST(Segmenter, SaysWhichSampleOfAGridNeverCame)
{
    Segmenter segmenter(options());
    ASSERT_TRUE(segmenter.begin_grid(*Grid::from_times({0, 1000, 2000, 3000})));
    ASSERT_TRUE(segmenter.add(picture(0, true)));
    ASSERT_TRUE(segmenter.add(picture(2000)));
    EXPECT_EQ(message(segmenter.finish()),
              "the stream ended with 2 of 3 samples; the first that is missing is at tick 1000");
}

TEST(Segmenter, RefusesAGridThatOverlapsTheLastOne)
{
    Segmenter segmenter(options());
    ASSERT_TRUE(segmenter.begin_grid(*Grid::from_times({0, 1000})));
    EXPECT_FALSE(segmenter.begin_grid(*Grid::from_times({1000, 2000}))); // the first is not complete
    ASSERT_TRUE(segmenter.add(picture(0, true)));
    EXPECT_FALSE(segmenter.begin_grid(*Grid::from_times({999, 2000})));
    EXPECT_TRUE(segmenter.begin_grid(*Grid::from_times({1000, 2000})));
    EXPECT_FALSE(segmenter.add(picture(1000, false)));
}

TEST(Segmenter, RoundsTheEndsOfSoundAndNotItsDurations)
{
    SegmenterOptions chosen = options(Codec::aac);
    chosen.timescale = 1000; // 1024 samples at 48 kHz are 21 1/3 ticks
    chosen.chunk_samples = 1;
    Segmenter segmenter(chosen);
    std::vector<std::int64_t> ends;
    for (std::int64_t frame = 0; frame < 6; frame++) {
        ASSERT_TRUE(segmenter.add({(frame * 64 + 1) / 3, ((frame + 1) * 64 + 1) / 3, 10, true, false}));
        ends.push_back(segmenter.take()->end);
    }
    EXPECT_EQ(ends, (std::vector<std::int64_t>{21, 43, 64, 85, 107, 128}));
}

TEST(Segmenter, RefusesAHoleInTheSound)
{
    Segmenter segmenter(options(Codec::aac));
    ASSERT_TRUE(segmenter.add({0, 1024, 10, true, false}));
    EXPECT_EQ(message(segmenter.add({2048, 3072, 10, true, false})),
              "the sound has a hole or an overlap of 1024 ticks at tick 1024");
}

TEST(Segmenter, CountsSoundOnAGridWhateverItsTimestamps)
{
    Segmenter segmenter(options(Codec::aac));
    ASSERT_TRUE(segmenter.begin_grid(*Grid::from_times({96000, 97024, 98048})));
    ASSERT_TRUE(segmenter.add({5, 6, 10, true, false}));
    ASSERT_TRUE(segmenter.add({std::nullopt, std::nullopt, 10, true, false}));
    const auto chunk = segmenter.take();
    ASSERT_TRUE(chunk);
    EXPECT_EQ(chunk->start, 96000);
    EXPECT_EQ(chunk->end, 98048);
    EXPECT_FALSE(segmenter.add({7, 8, 10, true, false}));
}

TEST(Segmenter, MovesTheFirstSampleToTheBaseDecodeTime)
{
    SegmenterOptions chosen = options();
    chosen.base_decode_time = 48000;
    Segmenter segmenter(chosen);
    ASSERT_TRUE(segmenter.add(picture(7, true)));
    ASSERT_TRUE(segmenter.finish());
    EXPECT_EQ(segmenter.take()->start, 48000);
    Segmenter checked(chosen);
    EXPECT_FALSE(checked.begin_grid(*Grid::from_times({0, 1000})));
}

TEST(Segmenter, IndexesTheWholeSegmentBeforeItsFirstChunk)
{
    SegmenterOptions chosen = options();
    chosen.write_sidx = true;
    chosen.chunk_samples = 1;
    Segmenter segmenter(chosen);
    ASSERT_TRUE(segmenter.begin_grid(*Grid::from_times({0, 1000, 2000})));
    ASSERT_TRUE(segmenter.add(picture(0, true)));
    EXPECT_FALSE(segmenter.take());
    ASSERT_TRUE(segmenter.add(picture(1000)));
    Bytes all;
    std::size_t media_bytes = 0;
    while (auto chunk = segmenter.take()) {
        all.insert(all.end(), chunk->head.begin(), chunk->head.end());
        all.resize(all.size() + chunk->payload_bytes);
    }
    EXPECT_EQ(test::top_boxes(all), "styp sidx moof mdat moof mdat");
    const Bytes sidx = test::find_box(all, "sidx");
    media_bytes = all.size() - (sidx.size() + 8) - (test::find_box(all, "styp").size() + 8);
    EXPECT_EQ(std::size_t{sidx[34]} << 8 | sidx[35], media_bytes);
}
