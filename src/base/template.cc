#include "base/template.h"

#include "base/error.h"
#include "base/resources.h"

namespace mote {

std::string fill_template(const std::string& path, const TemplateData& data) {
  kainjow::mustache::mustache parsed{std::string(resource(path))};
  if (!parsed.is_valid()) throw Error(ErrorKind::internal, parsed.error_message(), path);
  parsed.set_custom_escape([](const std::string& text) { return text; });
  return parsed.render(data);
}

}  // namespace mote
