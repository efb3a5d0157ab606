// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/media/facts.h"

using namespace butaca;
using namespace butaca::media;

namespace {

Asset film()
{
    Asset asset;
    asset.digest = std::string(64, 'a');
    asset.slug = "sintel";
    asset.size_bytes = 7608204;
    asset.container = "mp4";
    asset.demuxer = "qtdemux";
    asset.duration_ns = 52'208'333'333;
    asset.tags.title = "Sintel";
    VideoTrack &video = asset.video.emplace_back();
    video.codec = "h264";
    video.width = 1280;
    video.height = 720;
    video.frame_rate = {24, 1};
    AudioTrack &audio = asset.audio.emplace_back();
    audio.codec = "aac";
    audio.channels = 2;
    audio.rate = 48000;
    return asset;
}

std::string document(const Asset &asset)
{
    json::Writer writer;
    write_json(writer, asset);
    return writer.take();
}

Result<Asset> read(const std::string &text)
{
    auto value = json::Value::parse(text);
    EXPECT_TRUE(value);
    return asset_from_json(*value);
}

} // namespace

TEST(Asset, ComesBackFromJsonAsItWasWritten)
{
    auto back = read(document(film()));
    ASSERT_TRUE(back) << back.error().message << back.error().detail;
    EXPECT_EQ(document(*back), document(film()));
}

TEST(Asset, IsRefusedWhenAnOriginClaimsNonsense)
{
    Asset huge = film();
    huge.video[0].width = 100000;
    EXPECT_FALSE(read(document(huge)));

    Asset misnumbered = film();
    misnumbered.video[0].index = 3;
    EXPECT_FALSE(read(document(misnumbered)));

    Asset nameless = film();
    nameless.digest = "../../etc/passwd";
    EXPECT_FALSE(read(document(nameless)));

    Asset flat = film();
    flat.video[0].pixel_aspect = {0, 1};
    EXPECT_FALSE(read(document(flat)));
}
