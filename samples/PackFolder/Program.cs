Console.WriteLine(File.ReadAllText("/etc/motd"));
