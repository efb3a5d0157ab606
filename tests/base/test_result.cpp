// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/base/result.h"

using namespace butaca;

TEST(Error, ReadsFromTheOutsideInWhenContextIsAdded)
{
    Error error = Error{ErrorCode::unavailable, "the video server does not answer", "connect refused", 0}.at(
        "reading index");
    EXPECT_EQ(error.message, "the video server does not answer");
    EXPECT_EQ(error.detail, "reading index: connect refused");
}
