#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include "models/config/read_yaml.h"
#include "tools/energy_flow/gate_report.h"
using namespace lutsim;
int main(){ std::ifstream f("tools/energy_flow/measured.json"); std::ostringstream t; t<<f.rdbuf();
 auto m=gates::read_measurements(t.str());
 auto table=[&](const gates::TargetProcess& p){ auto lit=config::read_yaml<models::EnergyTableFile>("models/hardware/energy/"+p.literature+".yaml"); auto d=config::read_yaml<models::EnergyTableFile>("models/hardware/energy/dram.yaml"); models::EnergyTable r(gates::gate_table(m,p,lit),"x"); r.include(models::EnergyTable(d,"d")); return r;};
 gates::GateReportInput in{m,table(gates::gates_180nm()),table(gates::target_28nm()),table(gates::target_7nm())};
 for(auto&s:gates::gate_report_sections()) std::cout<<"## "<<s<<"\n"<<gates::gate_report_section(s,in)<<"\n";
}
