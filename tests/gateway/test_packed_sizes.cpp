// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/gateway/packed_sizes.h"

using butaca::gateway::PackedSizes;

TEST(PackedSizes, AreKnownOnceTheyWereNoted)
{
    PackedSizes sizes;
    EXPECT_EQ(sizes.find({"one", 3}), 0U);
    sizes.note({"one", 3}, 188);
    EXPECT_EQ(sizes.find({"one", 3}), 188U);
    EXPECT_EQ(sizes.find({"one", 4}), 0U);
    EXPECT_EQ(sizes.find({"other", 3}), 0U);
}

TEST(PackedSizes, ForgetTheOldestWhenThereAreTooMany)
{
    PackedSizes sizes(2);
    for (std::int64_t k = 0; k < 3; k++)
        for (int again = 0; again < 2; again++)
            sizes.note({"one", k}, 188);
    EXPECT_EQ(sizes.find({"one", 0}), 0U);
    EXPECT_EQ(sizes.find({"one", 1}), 188U);
    EXPECT_EQ(sizes.find({"one", 2}), 188U);
}
