#include "server/version.h"

namespace kalamdb::server {

std::string_view BuildDate() { return __DATE__ " " __TIME__; }

}  // namespace kalamdb::server
