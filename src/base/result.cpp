// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/base/result.h"

namespace butaca {

const char *to_string(ErrorCode code)
{
    switch (code) {
    case ErrorCode::invalid_argument:
        return "invalid_argument";
    case ErrorCode::unauthenticated:
        return "unauthenticated";
    case ErrorCode::forbidden:
        return "forbidden";
    case ErrorCode::not_found:
        return "not_found";
    case ErrorCode::conflict:
        return "conflict";
    case ErrorCode::too_large:
        return "too_large";
    case ErrorCode::unprocessable:
        return "unprocessable";
    case ErrorCode::unsupported:
        return "unsupported";
    case ErrorCode::limited:
        return "limited";
    case ErrorCode::unavailable:
        return "unavailable";
    case ErrorCode::timeout:
        return "timeout";
    case ErrorCode::cancelled:
        return "cancelled";
    case ErrorCode::internal:
        return "internal";
    }
    return "internal";
}

Error &&Error::at(std::string_view doing) &&
{
    const std::string &inner = detail.empty() ? message : detail;
    detail = std::string(doing) + ": " + inner;
    return std::move(*this);
}

} // namespace butaca
