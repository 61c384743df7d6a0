const player=document.querySelector("twotake-player"),video=player.querySelector("video"),cover=player.querySelector("[data-cover]"),start=+player.getAttribute("start")||0;
const load=()=>import(player.dataset.script);
if(!cover)load();else{video.controls=false;cover.hidden=false;cover.onclick=()=>{if(start)video.currentTime=start;video.play().catch(()=>{});load()}}
