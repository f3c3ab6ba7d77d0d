// SPDX-License-Identifier: MIT
// Reads an Accept header with RESTinio's parser.
#include "ops/accept.hpp"

#include <algorithm>
#include <restinio/helpers/http_field_parsers/accept.hpp>

namespace costrix::inline COSTRIX_ABI::ops::detail {
namespace {

using Accept = restinio::http_field_parsers::accept_value_t;
using MediaType = restinio::http_field_parsers::media_type_value_t;

/// The format in its versions 1.0.x, or in any.
bool is_open_metrics(const MediaType& type) {
    if (type.type != "application" || type.subtype != "openmetrics-text")
        return false;
    return std::all_of(type.parameters.begin(), type.parameters.end(), [](const auto& parameter) {
        return parameter.first != "version" || parameter.second.starts_with("1.0.");
    });
}

bool is_text(const MediaType& type) {
    return type.type == "*" ||
           (type.type == "text" && (type.subtype == "plain" || type.subtype == "*"));
}

}  // namespace

TextFormat negotiate(std::string_view accept) {
    const auto parsed = Accept::try_parse({accept.data(), accept.size()});
    if (!parsed)
        return TextFormat::prometheus;
    int open_metrics = 0, text = 0;  // weights in thousandths
    for (const auto& item : parsed->items) {
        const int weight = item.weight ? static_cast<int>(item.weight->as_uint()) : 1000;
        if (is_open_metrics(item.media_type))
            open_metrics = std::max(open_metrics, weight);
        else if (is_text(item.media_type))
            text = std::max(text, weight);
    }
    return open_metrics > 0 && open_metrics >= text ? TextFormat::open_metrics
                                                    : TextFormat::prometheus;
}

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
