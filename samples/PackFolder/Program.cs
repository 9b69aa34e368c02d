using System;
using System.IO;

Console.WriteLine(File.ReadAllText("/etc/motd"));
