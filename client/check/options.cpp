// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/options.h"

#include <string_view>

#include "client/words.h"
#include "src/base/encoding.h"

namespace butaca::client::check {

namespace {

tl::unexpected<Error> refuse(Word word, std::initializer_list<std::string_view> values)
{
    return fail(ErrorCode::invalid_argument, say(word, values));
}

bool is_field_name(std::string_view name)
{
    return !name.empty() &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
               name.npos;
}

// "Name: value", as curl takes it.
Status take_header(http::Headers &headers, const std::string &text)
{
    const std::size_t colon = text.find(':');
    const std::string_view name = std::string_view(text).substr(0, colon);
    if (colon == std::string::npos || !is_field_name(name) || text.find_first_of("\r\n") != std::string::npos)
        return refuse(Word::bad_header, {text});
    const std::size_t begin = text.find_first_not_of(' ', colon + 1);
    headers.add(name, begin == std::string::npos ? std::string() : text.substr(begin));
    return {};
}

Status take(CheckOptions &options, const std::string &name, const std::string &value)
{
    CheckSettings &settings = options.settings;
    if (name == "--header")
        return take_header(settings.headers, value);
    constexpr unsigned most = 1000000;
    const auto number = to_integer<unsigned>(value);
    if (!number || *number == 0 || *number > most)
        return refuse(Word::bad_number, {value, name});
    if (name == "--limit")
        settings.segments_most = *number;
    else if (name == "--timeout")
        settings.fetch_timeout = std::chrono::seconds(*number);
    else
        settings.whole_timeout = std::chrono::seconds(*number);
    return {};
}

bool takes_value(std::string_view name)
{
    return name == "--limit" || name == "--header" || name == "--timeout" || name == "--max-time";
}

} // namespace

Result<CheckOptions> parse_check(std::span<const char *const> arguments)
{
    CheckOptions options;
    for (std::size_t i = 0; i < arguments.size(); i++) {
        std::string name = arguments[i];
        if (name == "--help" || name == "-h") {
            options.help = true;
            return options;
        }
        if (name == "--json" || name == "--rules") {
            (name == "--json" ? options.json : options.rules) = true;
            continue;
        }
        if (!name.starts_with('-')) {
            if (!options.settings.url.empty())
                return refuse(Word::two_addresses, {});
            options.settings.url = name;
            continue;
        }
        std::string value;
        const std::size_t equals = name.find('=');
        const bool joined = equals != std::string::npos;
        if (joined) {
            value = name.substr(equals + 1);
            name.resize(equals);
        }
        if (!takes_value(name))
            return refuse(Word::unknown_check_option, {name});
        if (!joined) {
            if (i + 1 == arguments.size())
                return refuse(Word::missing_value, {name});
            value = arguments[++i];
        }
        if (Status taken = take(options, name, value); !taken)
            return fail(std::move(taken).error());
    }
    if (options.rules)
        return options;
    if (!resolve(options.settings.url, ""))
        return refuse(Word::bad_playlist_address, {options.settings.url});
    return options;
}

} // namespace butaca::client::check
