// Fills a mustache template among the resources, for C: nothing is escaped.
#pragma once

#include <string>

#include <kainjow/mustache.hpp>

namespace mote {

using TemplateData = kainjow::mustache::data;

std::string fill_template(const std::string& path, const TemplateData& data);

}  // namespace mote
