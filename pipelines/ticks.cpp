// SPDX-License-Identifier: LGPL-2.1-or-later
// 128-bit intermediate results keep the conversions exact.
#include "pipelines/ticks.h"

namespace butaca::pipelines {

std::int64_t scale_round(std::int64_t value, std::int64_t num, std::int64_t den)
{
    __extension__ using Wide = __int128;
    const Wide product = static_cast<Wide>(value) * num;
    const Wide half = den / 2;
    return static_cast<std::int64_t>(product >= 0 ? (product + half) / den : -((-product + half) / den));
}

} // namespace butaca::pipelines
