// USE and SET NAMESPACE, found in what a person typed.
#include "client/namespace_switch.h"

#include <gtest/gtest.h>

namespace kalamdb::client {
namespace {

TEST(NamespaceSwitch, IsFoundInEverySpelling) {
  for (const char* sql : {"USE app", "use namespace App;", "SET NAMESPACE app", "USE \"app\" ;",
                          "-- x\nUSE app; SELECT ';'", "USE b; USE app; SELECT 1"}) {
    EXPECT_EQ(NamespaceSwitchIn(sql), "app") << sql;
  }
}

TEST(NamespaceSwitch, IsNotFoundElsewhere) {
  for (const char* sql :
       {"", "USE", "SELECT 'USE app'", "SET x = 1", "SELECT use FROM app", "CREATE NAMESPACE app",
        "/* USE app */", "USE app please do it now yes"}) {
    EXPECT_EQ(NamespaceSwitchIn(sql), std::nullopt) << sql;
  }
}

}  // namespace
}  // namespace kalamdb::client
