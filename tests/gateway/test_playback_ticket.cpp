// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/gateway/playback_ticket.h"

using namespace butaca;
using namespace butaca::gateway;

namespace {

PlaybackTicket ticket()
{
    playback::Wishes wishes;
    wishes.video_codec = "h264";
    wishes.max_height = 480;
    return {"viewer", std::string(64, 'd'), wishes};
}

} // namespace

TEST(PlaybackTicket, HoldsAllThatAPlaybackIs)
{
    SigningKey key = SigningKey::random();
    auto opened = open_ticket(key, seal(key, ticket(), 1000), 999);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->id, "viewer");
    EXPECT_EQ(opened->digest, std::string(64, 'd'));
    EXPECT_EQ(opened->wishes, ticket().wishes);
}

TEST(PlaybackTicket, IsForbiddenOnceExpiredOrWithAnyCharacterChanged)
{
    SigningKey key = SigningKey::random();
    std::string text = seal(key, ticket(), 1000);
    auto expired = open_ticket(key, text, 1001);
    ASSERT_FALSE(expired);
    EXPECT_EQ(expired.error().code, ErrorCode::forbidden);
    for (std::size_t i = 0; i < text.size(); i++) {
        std::string changed = text;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(open_ticket(key, changed, 999)) << i;
        EXPECT_FALSE(open_ticket(key, text.substr(0, i), 999)) << i;
    }
}

TEST(PlaybackTicket, OfAnotherPurposeOrKeyDoesNotPass)
{
    SigningKey key = SigningKey::random();
    std::string payload = "viewer|" + std::string(64, 'd') + "|" + to_text(ticket().wishes);
    EXPECT_FALSE(open_ticket(key, key.sign("origin", payload, 1000), 999));
    EXPECT_FALSE(open_ticket(SigningKey::random(), seal(key, ticket(), 1000), 999));
    EXPECT_FALSE(open_ticket(key, key.sign("playback", "nonsense", 1000), 999));
}
