// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/media/cover.h"

namespace butaca::media {
namespace {

TEST(Cover, IsWhatItBeginsAs)
{
    EXPECT_EQ(Cover::parse("\xff\xd8\xff\xe0 and so on")->type, "image/jpeg");
    EXPECT_EQ(Cover::parse("\x89PNG\r\n\x1a\n and so on")->type, "image/png");
    EXPECT_EQ(Cover::parse("RIFF....WEBPVP8 ")->type, "image/webp");
}

TEST(Cover, IsNothingThatABrowserMightRun)
{
    for (const char *bytes :
         {"", "<svg onload=alert(1)>", "<html>", "GIF89a", "RIFF....WAVEfmt ", "\xff\xd8"})
        EXPECT_FALSE(Cover::parse(bytes)) << bytes;
    EXPECT_FALSE(Cover::parse("\xff\xd8\xff" + std::string(cover_bytes_most, 'x')));
}

} // namespace
} // namespace butaca::media
