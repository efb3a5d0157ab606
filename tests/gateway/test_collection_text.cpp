// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/gateway/collection_text.h"

namespace butaca::gateway {
namespace {

const Collection album{"Discó",
                       {{"http://host/s/a/stream.mp3", "Uno & dos", "Ana", "Discó", 3, 61'600},
                        {"http://host/s/b/master.m3u8", "A\n#EXTINF:9,b", "", "", 0, 0}}};

} // namespace

TEST(CollectionText, IsAnM3uThatNoTitleBreaksOutOf)
{
    EXPECT_EQ(to_m3u8(album), "#EXTM3U\n#PLAYLIST:Discó\n"
                              "#EXTINF:62,Ana - Uno & dos\nhttp://host/s/a/stream.mp3\n"
                              "#EXTINF:0,A #EXTINF:9,b\nhttp://host/s/b/master.m3u8\n");
}

TEST(CollectionText, IsAnXspfWithWhatIsKnown)
{
    std::string text = to_xspf(album);
    EXPECT_NE(text.find("<playlist version=\"1\" xmlns=\"http://xspf.org/ns/0/\">"), std::string::npos);
    EXPECT_NE(text.find("<location>http://host/s/a/stream.mp3</location>"), std::string::npos);
    EXPECT_NE(text.find("<title>Uno &amp; dos</title>"), std::string::npos);
    EXPECT_NE(text.find("<creator>Ana</creator>"), std::string::npos);
    EXPECT_NE(text.find("<trackNum>3</trackNum>"), std::string::npos);
    EXPECT_NE(text.find("<duration>61600</duration>"), std::string::npos);
    EXPECT_EQ(text.find("<duration>0</duration>"), std::string::npos);
}

} // namespace butaca::gateway
