// SPDX-License-Identifier: LGPL-2.1-or-later
// Which blocks stay in memory, and that their storage is used again.
#include <gtest/gtest.h>

#include "plugins/source/block_cache.h"

using namespace butaca::source;

namespace {

void store(BlockCache &cache, std::uint64_t index)
{
    Block block = cache.claim();
    block[0] = static_cast<std::uint8_t>(index);
    cache.put(index, std::move(block));
}

} // namespace

TEST(BlockCache, ForgetsTheBlockThatWasUsedLongestAgo)
{
    BlockCache cache(4, 12);
    for (std::uint64_t index : {1, 2, 3})
        store(cache, index);
    ASSERT_NE(cache.find(1), nullptr);
    store(cache, 4);
    EXPECT_TRUE(cache.contains(1));
    EXPECT_FALSE(cache.contains(2));
    EXPECT_TRUE(cache.contains(3));
    EXPECT_EQ((*cache.find(4))[0], 4);
}

TEST(BlockCache, KeepsOneBlockHoweverSmallItIs)
{
    BlockCache cache(4096, 1);
    store(cache, 7);
    EXPECT_TRUE(cache.contains(7));
    store(cache, 8);
    EXPECT_FALSE(cache.contains(7));
    EXPECT_TRUE(cache.contains(8));
}

TEST(BlockCache, ReusesTheStorageOfTheBlockThatGoes)
{
    BlockCache cache(4096, 2 * 4096);
    store(cache, 1);
    const std::uint8_t *storage = cache.find(1)->data();
    store(cache, 2);
    Block claimed = cache.claim();
    EXPECT_EQ(claimed.data(), storage);
    cache.give_back(std::move(claimed));
    EXPECT_EQ(cache.claim().data(), storage);
}

TEST(BlockCache, GivesFullStorageAfterAShortBlock)
{
    BlockCache cache(8, 8);
    Block block = cache.claim();
    block.resize(3);
    cache.put(0, std::move(block));
    EXPECT_EQ(cache.find(0)->size(), 3u);
    EXPECT_EQ(cache.claim().size(), 8u);
}
