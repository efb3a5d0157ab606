// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/account_fields.h"

#include <algorithm>

#include "src/base/gobject.h"
#include "src/session/passwords.h"

namespace butaca::gateway {

namespace {

constexpr std::size_t email_most_bytes = 254; // RFC 5321, 4.5.3.1.3
constexpr long name_most_characters = 100;
constexpr long device_most_characters = 100; // of four bytes each at the most
constexpr std::size_t text_most_bytes = 4096;

std::string trimmed(const std::string &text)
{
    auto copy = adopt(g_strdup(text.c_str()));
    return g_strstrip(copy.get());
}

bool has_control_characters(const std::string &text)
{
    for (const char *at = text.c_str(); *at; at = g_utf8_next_char(at))
        if (g_unichar_iscntrl(g_utf8_get_char(at)))
            return true;
    return false;
}

tl::unexpected<Error> wrong(const char *field, const char *rule)
{
    return fail(ErrorCode::invalid_argument, std::string("\"") + field + "\" must be " + rule);
}

std::string first_characters(const std::string &text, long most)
{
    if (g_utf8_strlen(text.c_str(), -1) <= most)
        return text;
    return {text.c_str(),
            static_cast<std::size_t>(g_utf8_offset_to_pointer(text.c_str(), most) - text.c_str())};
}

} // namespace

Result<json::Value> object_of(const http::Request &request)
{
    auto body = json::Value::parse(request.body, {account_body_limit_bytes, 4});
    if (!body)
        return fail(std::move(body).error());
    if (!body->is_object())
        return fail(ErrorCode::invalid_argument, "the body must be a JSON object");
    return body;
}

Result<std::string> text_of(const json::Value &body, const char *field, std::size_t most_bytes)
{
    auto text = body[field].string();
    if (!text || text->empty() || text->size() > most_bytes)
        return wrong(field, "a text that is not empty nor too long");
    return *text;
}

Result<std::string> email_of(const json::Value &body)
{
    auto given = text_of(body, "email", text_most_bytes);
    if (!given)
        return given;
    const std::string email = trimmed(*given);
    const std::size_t at = email.find('@');
    const bool whole = at != std::string::npos && at > 0 && at + 1 < email.size() &&
                       email.find('@', at + 1) == std::string::npos;
    if (!whole || email.size() > email_most_bytes || email.find(' ') != std::string::npos ||
        has_control_characters(email))
        return wrong("email", "an e-mail address");
    return email;
}

Result<std::string> name_of(const json::Value &body)
{
    auto given = text_of(body, "name", text_most_bytes);
    if (!given)
        return given;
    const std::string name = trimmed(*given);
    if (name.empty() || g_utf8_strlen(name.c_str(), -1) > name_most_characters ||
        has_control_characters(name))
        return wrong("name", "1 to 100 characters");
    return name;
}

Result<std::string> new_password_of(const json::Value &body, const char *field)
{
    auto password = body[field].string();
    if (!password)
        return wrong(field, "a text");
    if (auto good = session::check_password(*password); !good)
        return fail(std::move(good).error());
    return *password;
}

std::string device_of(const json::Value &body, const http::Request &request)
{
    std::string device = body["device"].string_or(request.headers.get("User-Agent").value_or(""));
    auto valid = adopt(g_utf8_make_valid(device.data(), static_cast<gssize>(device.size())));
    device = first_characters(trimmed(valid.get()), device_most_characters);
    return has_control_characters(device) ? "" : device;
}

} // namespace butaca::gateway
