const form=document.querySelector("form"),error=document.querySelector(".error"),button=form.querySelector("button");
form.onsubmit=async event=>{event.preventDefault();error.hidden=true;button.setAttribute("aria-busy","true");let words="The server did not answer. Try again in a moment.";
try{const answer=await fetch("/api/session",{method:"POST",headers:{"content-type":"application/json"},body:JSON.stringify({login:form.login.value.trim(),password:form.password.value})});
if(answer.ok)return location.reload();words=(await answer.json()).detail||words}catch{}
button.removeAttribute("aria-busy");error.textContent=words;error.hidden=false;form.password.focus();form.password.select()};
