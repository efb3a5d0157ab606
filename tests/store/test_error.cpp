// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "store/pg/error.h"

using namespace butaca;

TEST(SqlState, BecomesWhatTheCallerDecidesBy)
{
    const std::pair<const char *, ErrorCode> cases[] = {
        {"", ErrorCode::unavailable},        {"08006", ErrorCode::unavailable},
        {"57P01", ErrorCode::unavailable},   {"53300", ErrorCode::unavailable},
        {"40001", ErrorCode::unavailable},   {"57014", ErrorCode::timeout},
        {"23505", ErrorCode::conflict},      {"23503", ErrorCode::conflict},
        {"23514", ErrorCode::unprocessable}, {"22021", ErrorCode::invalid_argument},
        {"42601", ErrorCode::internal},      {"XX000", ErrorCode::internal},
    };
    for (const auto &[sqlstate, code] : cases)
        EXPECT_EQ(to_string(pg::code_from(sqlstate)), to_string(code)) << sqlstate;
}
