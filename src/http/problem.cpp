// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/http/problem.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "src/base/json.h"

namespace butaca::http {

namespace {

struct Kind {
    int status;
    const char *name; // last part of the type
    const char *spanish;
    const char *english;
};

// The first row of a status is the one that a bare status gets.
constexpr std::array kinds = {
    Kind{400, "invalid-argument", "La petición no es válida", "The request is not valid"},
    Kind{401, "unauthenticated", "Hay que identificarse", "Credentials are needed"},
    Kind{403, "forbidden", "No está permitido", "This is not allowed"},
    Kind{404, "not-found", "No existe", "There is no such thing"},
    Kind{405, "method-not-allowed", "Método no permitido", "The method is not allowed here"},
    Kind{408, "request-timeout", "La petición tardó demasiado", "The request took too long"},
    Kind{409, "conflict", "Conflicto con el estado actual", "This conflicts with the current state"},
    Kind{411, "length-required", "Falta la longitud del cuerpo", "The body's length is missing"},
    Kind{412, "precondition-failed", "No se cumple la condición", "The precondition does not hold"},
    Kind{413, "too-large", "Demasiado grande", "This is too large"},
    Kind{414, "uri-too-long", "La dirección es demasiado larga", "The address is too long"},
    Kind{415, "unsupported", "Formato no admitido", "This format is not supported"},
    Kind{416, "range-not-satisfiable", "El intervalo no existe", "There is no such range"},
    Kind{417, "expectation-failed", "Expectativa desconocida", "The expectation is not known"},
    Kind{422, "unprocessable", "No se puede cumplir", "This cannot be met"},
    Kind{429, "limited", "Demasiadas veces", "Too often"},
    Kind{431, "header-too-large", "Cabeceras demasiado grandes", "The header is too large"},
    Kind{500, "internal", "Error interno", "Internal error"},
    Kind{501, "not-implemented", "No implementado", "This is not implemented"},
    Kind{503, "unavailable", "No disponible por ahora", "Not available for now"},
    Kind{503, "cancelled", "Cancelado", "Cancelled"},
    Kind{504, "timeout", "Tiempo de espera agotado", "Timed out"},
    Kind{505, "version-not-supported", "Versión de HTTP no admitida", "HTTP version not supported"},
};

const Kind &kind_of(int status)
{
    const auto *found =
        std::find_if(kinds.begin(), kinds.end(), [&](const Kind &kind) { return kind.status == status; });
    return found != kinds.end() ? *found : kind_of(500);
}

std::string_view trim(std::string_view text)
{
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

// The weight of "es;q=0.8" in thousandths; a malformed one counts as none.
int weight_of(std::string_view parameters)
{
    parameters = trim(parameters);
    if (parameters.empty())
        return 1000;
    if (!parameters.starts_with("q=") || parameters.size() < 3 || parameters.size() > 7)
        return 0;
    const std::string number(parameters.substr(2));
    return std::clamp(static_cast<int>(g_ascii_strtod(number.c_str(), nullptr) * 1000), 0, 1000);
}

Response document(const Kind &kind, std::string_view message, std::string_view request_id,
                  std::string_view accept_language)
{
    const bool spanish = prefers_spanish(accept_language);
    json::Writer writer;
    writer.begin_object();
    writer.member("type", std::string("/problems/") + kind.name);
    writer.member("title", spanish ? kind.spanish : kind.english);
    writer.member("status", kind.status);
    if (!message.empty())
        writer.member("detail", message);
    if (!request_id.empty())
        writer.member("instance", request_id);
    writer.end_object();
    auto response = Response::text(kind.status, "application/problem+json", writer.take());
    response.headers.set("Content-Language", spanish ? "es" : "en");
    response.headers.set("Vary", "Accept-Language");
    response.headers.set("Cache-Control", "no-store");
    if (kind.status == 401)
        response.headers.set("WWW-Authenticate", "Bearer"); // RFC 9110, 15.5.2 demands a challenge
    return response;
}

} // namespace

bool prefers_spanish(std::string_view accept_language)
{
    int spanish = 0;
    int english = 0;
    while (!accept_language.empty()) {
        const std::size_t end = std::min(accept_language.find(','), accept_language.size());
        const std::string_view part = accept_language.substr(0, end);
        accept_language.remove_prefix(std::min(end + 1, accept_language.size()));
        const std::size_t semicolon = std::min(part.find(';'), part.size());
        const std::string_view tag = trim(part.substr(0, semicolon));
        const int weight = weight_of(part.substr(std::min(semicolon + 1, part.size())));
        if (tag.size() < 2 || (tag.size() > 2 && tag[2] != '-'))
            continue;
        if (g_ascii_strncasecmp(tag.data(), "es", 2) == 0)
            spanish = std::max(spanish, weight);
        if (g_ascii_strncasecmp(tag.data(), "en", 2) == 0)
            english = std::max(english, weight);
    }
    return spanish > english;
}

int status_of(ErrorCode code)
{
    switch (code) {
    case ErrorCode::invalid_argument:
        return 400;
    case ErrorCode::unauthenticated:
        return 401;
    case ErrorCode::forbidden:
        return 403;
    case ErrorCode::not_found:
        return 404;
    case ErrorCode::conflict:
        return 409;
    case ErrorCode::too_large:
        return 413;
    case ErrorCode::unprocessable:
        return 422;
    case ErrorCode::unsupported:
        return 415;
    case ErrorCode::limited:
        return 429;
    case ErrorCode::unavailable:
    case ErrorCode::cancelled:
        return 503;
    case ErrorCode::timeout:
        return 504;
    case ErrorCode::internal:
        return 500;
    }
    return 500;
}

Response problem(const Error &error, std::string_view request_id, std::string_view accept_language)
{
    std::string name = to_string(error.code);
    std::replace(name.begin(), name.end(), '_', '-');
    const auto *found =
        std::find_if(kinds.begin(), kinds.end(), [&](const Kind &kind) { return name == kind.name; });
    auto response =
        document(found != kinds.end() ? *found : kind_of(500), error.message, request_id, accept_language);
    if ((error.code == ErrorCode::unavailable || error.code == ErrorCode::limited) && error.retry_after_s > 0)
        response.headers.set("Retry-After", std::to_string(error.retry_after_s));
    return response;
}

Response problem(int status, std::string_view message, std::string_view request_id,
                 std::string_view accept_language)
{
    return document(kind_of(status), message, request_id, accept_language);
}

} // namespace butaca::http
